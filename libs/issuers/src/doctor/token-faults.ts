import { claimAt, type UnverifiedToken } from '@tenantry/access';
import type { Issuer } from '../issuer.js';

const SUBJECT_LENGTH_MAX = 255;

/** What is wrong with the extensions that the header insists on (RFC 7515 §4.1.11); null: nothing. */
export function critFault({ crit, b64 }: UnverifiedToken['header']): string | null {
  if (crit === undefined) return null;
  if (!Array.isArray(crit) || crit.length === 0) return 'crit is no list of names.';
  if (crit.some((name) => name !== 'b64')) return 'crit names an extension that is not known.';
  return b64 === true ? null : 'A JWT has no unencoded payload (RFC 7797).';
}

/** The claim that the registration takes for the subject. */
export function subjectOf(
  claims: UnverifiedToken['claims'],
  { claims: names }: Pick<Issuer, 'claims'>,
): unknown {
  return claimAt(claims, names.subject);
}

/** What is wrong with a subject; null: nothing. */
export function subjectFault(subject: unknown): string | null {
  if (subject === undefined) return 'The token has no such claim.';
  if (typeof subject !== 'string') return 'It is no text.';
  if (subject.length === 0) return 'It is empty.';
  if (subject.length > SUBJECT_LENGTH_MAX) return `It has ${subject.length} characters.`;
  return subject.includes('\0') || /\p{Surrogate}/u.test(subject)
    ? 'It holds a character that cannot be stored.'
    : null;
}
