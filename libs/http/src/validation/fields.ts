import type { FieldError } from '@tenantry/kernel';
import { pointerOf } from './json-pointer.js';

/** What a body says that is read by hand: where class-validator would cost more than the work. */
export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Every field that is none of the known ones; `within` points at what holds them. */
export function unknownFields(
  fields: Fields,
  isKnown: (name: string) => boolean,
  within = '',
): FieldError[] {
  return Object.keys(fields)
    .filter((name) => !isKnown(name))
    .map((name) => ({ pointer: within + pointerOf([name]), message: NOT_A_FIELD }));
}

/** Said of a field that a request does not have. */
export const NOT_A_FIELD = 'is not a field of this request';
