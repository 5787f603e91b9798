import type { FieldError } from '@tenantry/kernel';
import { filledIn, type IssuerPreset, placeholdersIn, type PresetField } from './issuer-preset.js';

/** Values that a preset cannot be filled with: which fields, and what to do about each. */
export class PresetUnfillable extends Error {
  override readonly name = 'PresetUnfillable';

  constructor(
    presetId: string,
    readonly errors: readonly FieldError[],
  ) {
    const reasons = errors.map(({ pointer, message }) => `${pointer} ${message}`).join('; ');
    super(`The preset ${presetId} cannot be filled in like this: ${reasons}.`);
  }
}

/** What became of one field: its value, left blank, or what is wrong with it. */
type Reading = { readonly value: unknown } | { readonly error: string } | null;

/** The body that registers the issuer. Throws `PresetUnfillable`. A blank value counts as none. */
export function fillPreset(
  preset: IssuerPreset,
  values: Readonly<Record<string, string>>,
): Record<string, unknown> {
  const given = valuesOf(preset, values);
  const parts = Object.entries(preset.registration)
    .filter(([, part]) => placeholdersIn(part).every((name) => given.has(name)))
    .map(([name, part]) => [name, filledIn(part, given)] as const);
  return Object.fromEntries(parts);
}

function valuesOf(
  { id, fields }: IssuerPreset,
  values: Readonly<Record<string, string>>,
): ReadonlyMap<string, unknown> {
  const given = new Map<string, unknown>();
  const errors: FieldError[] = Object.keys(values)
    .filter((name) => !fields.some((field) => field.name === name))
    .map((name) => ({ pointer: `/${name}`, message: 'is not a field of this preset' }));
  for (const field of fields) {
    const reading = read(field, Object.hasOwn(values, field.name) ? values[field.name] : undefined);
    if (reading === null) continue;
    if ('error' in reading) errors.push({ pointer: `/${field.name}`, message: reading.error });
    else given.set(field.name, reading.value);
  }
  if (errors.length > 0) throw new PresetUnfillable(id, errors);
  return given;
}

function read({ required, pattern, format, example }: PresetField, text = ''): Reading {
  if (text.trim() === '') return required ? { error: 'is required' } : null;
  if (format === 'json') return parsed(text);
  const isFit = pattern === null || new RegExp(pattern, 'u').test(text);
  return isFit ? { value: text } : { error: `must look like ${example}` };
}

function parsed(text: string): Reading {
  try {
    const value: unknown = JSON.parse(text);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return { value };
  } catch {
    // Told below, in the same words as JSON that is no object.
  }
  return { error: 'must be a JSON object' };
}
