import { IfMatchMalformed, RevisionStale } from '../request.errors.js';

/** Which revision the caller saw: a number, `'*'` for any, `null` where nothing was said. */
export type ExpectedRevision = number | '*' | null;

const ENTITY_TAGS = /^(?:W\/)?"[\x21\x23-\x7e]*"(?:\s*,\s*(?:W\/)?"[\x21\x23-\x7e]*")*$/;
const OUR_TAG = /^"(0|[1-9]\d{0,14})"$/;

/** The entity tag of a revision, with its quotes. */
export function etagOf(revision: number): string {
  return `"${revision}"`;
}

/**
 * Reads `If-Match` (RFC 9110 §13.1.1).
 *
 * A well-formed tag that we never hand out – weak, foreign, or one of several – matches nothing,
 * and is answered as a stale one.
 */
export function ifMatchOf(header: string | undefined): ExpectedRevision {
  if (header === undefined) return null;
  const text = header.trim();
  if (text === '*') return '*';
  if (!ENTITY_TAGS.test(text)) throw new IfMatchMalformed();

  const revision = OUR_TAG.exec(text)?.[1];
  if (revision === undefined) throw new RevisionStale();
  return Number(revision);
}

/** Throws `RevisionStale` where the caller expects another revision than the actual one. */
export function assertRevision(expected: ExpectedRevision, actual: number): void {
  if (typeof expected === 'number' && expected !== actual) throw new RevisionStale();
}
