import { Labels, momentOf } from '@tenantry/http';
import { METER_NAME } from '../meters.js';
import { DECIMALS_MAX, LABEL_TEXT, NAME, VALUE_MAX } from '../usage-event.js';

/** When an event may have been, in milliseconds. */
export interface Acceptance {
  readonly from: number;
  readonly until: number;
}

export const LABELS_MAX = 16;
const ID = /^[\x21-\x7e]{1,128}$/;
const labelRules = new Labels();

/** What is wrong with an id; null: nothing. The same for what follows. */
export function idFlaw(id: unknown): string | null {
  if (typeof id === 'string' && ID.test(id)) return null;
  return 'must be 1 to 128 visible ASCII characters, without blanks';
}

export function meterFlaw(meter: unknown): string | null {
  if (typeof meter === 'string' && METER_NAME.test(meter)) return null;
  return 'must be 1 to 63 lower-case letters, digits, dots, colons, dashes and underscores, and begin with a letter';
}

/** Negative is refused: who reports must not be able to erase what was used. */
export function valueFlaw(value: unknown): string | null {
  if (typeof value !== 'number' || !Number.isFinite(value)) return 'must be a number';
  if (value < 0 || value > VALUE_MAX) return 'must be from 0 to 1000000000000000';
  return Number.isInteger(value) || isFewDecimals(String(value))
    ? null
    : `must have at most ${DECIMALS_MAX} decimals`;
}

/** A number that is written with an exponent is finer still. */
function isFewDecimals(text: string): boolean {
  const [, decimals = ''] = text.split('.');
  return decimals.length <= DECIMALS_MAX && !text.includes('e');
}

export function momentFlaw(at: unknown, { from, until }: Acceptance): string | null {
  const moment = typeof at === 'string' ? momentOf(at) : null;
  if (moment === null) return 'must be a moment of ISO 8601 with its zone: 2026-11-22T12:00:00Z';
  if (moment > until) return 'must not lie in the future';
  if (moment < from)
    return `must not lie before ${new Date(from).toISOString()}: older is not kept`;
  return null;
}

export function nameFlaw(name: unknown): string | null {
  if (name === undefined || (typeof name === 'string' && NAME.test(name))) return null;
  return 'must be 1 to 255 characters, without control characters';
}

export function labelsFlaw(labels: unknown): string | null {
  if (labels === undefined) return null;
  const isLabels = labelRules.validate(labels);
  const values: unknown[] = isLabels ? Object.values(labels as object) : [];
  if (isLabels && values.length <= LABELS_MAX && values.every(isLabelText)) return null;
  return `must be at most ${LABELS_MAX} labels: keys of letters, digits, dots, slashes, dashes and underscores, values of at most 255 characters, without control characters`;
}

function isLabelText(value: unknown): boolean {
  return typeof value === 'string' && LABEL_TEXT.test(value);
}
