const HASH = /^[0-9a-f]{64}$/;
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What was given is nothing that could be verified. Its message never holds what was given. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown, what: string): Fields {
  if (!isFields(value)) throw new Unreadable(`${what} is no JSON object.`);
  return value;
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') throw new Unreadable(`\`${name}\` is no text.`);
  return value;
}

export function hashOf(fields: Fields, name: string): string {
  return matching(fields, name, { form: HASH, called: 'SHA-256 in lower-case hex' });
}

/** UTC with milliseconds, as it stands in what is hashed. */
export function momentOf(fields: Fields, name: string): string {
  return matching(fields, name, { form: MOMENT, called: 'time in UTC with milliseconds' });
}

export function uuidOf(fields: Fields, name: string): string {
  return matching(fields, name, { form: UUID, called: 'UUID in lower case' });
}

/** A whole number; of sequences and numbers the first is 1. */
export function wholeOf(fields: Fields, name: string, least = 1): number {
  const value = fields[name];
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value;
  throw new Unreadable(`\`${name}\` is no whole number from ${least} on.`);
}

function matching(
  fields: Fields,
  name: string,
  { form, called }: { readonly form: RegExp; readonly called: string },
): string {
  const value = textOf(fields, name);
  if (!form.test(value)) throw new Unreadable(`\`${name}\` is no ${called}.`);
  return value;
}
