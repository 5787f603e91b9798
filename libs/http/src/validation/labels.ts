import { ValidatorConstraint, type ValidatorConstraintInterface } from 'class-validator';

const LABELS_MAX = 32;
const KEY = /^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?$/;
const VALUE_LENGTH_MAX = 255;

/** A map of short texts under well-formed keys. */
@ValidatorConstraint({ name: 'labels' })
export class Labels implements ValidatorConstraintInterface {
  validate(value: unknown): boolean {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return false;
    const entries = Object.entries(value);
    return (
      entries.length <= LABELS_MAX &&
      entries.every(
        ([key, text]) =>
          KEY.test(key) && typeof text === 'string' && text.length <= VALUE_LENGTH_MAX,
      )
    );
  }

  defaultMessage(): string {
    return `must be at most ${LABELS_MAX} labels: keys of letters, digits, dots, slashes, dashes and underscores, values of at most ${VALUE_LENGTH_MAX} characters`;
  }
}

/** Things that carry a label, or a label of one key whatever its value. */
export interface LabelFilter {
  readonly label: Readonly<Record<string, string>> | null;
  readonly labelKey: string | null;
}

/** Reads `?label=key:value`, or `?label=key`. */
export function labelFilterOf(text: string | undefined): LabelFilter {
  if (text === undefined) return { label: null, labelKey: null };
  const [key = '', ...rest] = text.split(':');
  if (rest.length === 0) return { label: null, labelKey: key };
  return { label: { [key]: rest.join(':') }, labelKey: null };
}
