import { type Meter } from './meter.js';
import { EvaluationFailed, type Value, isList, isMap, isNumber, typeOf } from './values.js';
import { checkedInt } from './operators.js';

type Apply = (args: readonly Value[], meter: Meter) => Value;

/** A function that conditions may call; a method counts its receiver as the first argument. */
export interface ConditionFunction {
  readonly arity: number;
  readonly apply: Apply;
}

function unary(apply: (value: Value, meter: Meter) => Value): ConditionFunction {
  return { arity: 1, apply: ([value = null], meter) => apply(value, meter) };
}

function onTexts(apply: (text: string, other: string, meter: Meter) => Value): ConditionFunction {
  return {
    arity: 2,
    apply: ([text = null, other = null], meter) => apply(textOf(text), textOf(other), meter),
  };
}

export function textOf(value: Value): string {
  if (typeof value === 'string') return value;

  throw new EvaluationFailed(`expected string, got ${typeOf(value)}`);
}

function size(value: Value, meter: Meter): bigint {
  if (isList(value)) return BigInt(value.length);
  if (isMap(value)) return BigInt(value.size);

  const text = textOf(value);
  meter.charge(text.length);
  return BigInt(Array.from(text).length);
}

function toText(value: Value): string {
  if (typeof value === 'string') return value;
  if (isNumber(value) || typeof value === 'boolean') return String(value);

  throw new EvaluationFailed(`no such overload: string(${typeOf(value)})`);
}

function toInt(value: Value): bigint {
  if (typeof value === 'bigint') return value;
  if (typeof value === 'number' && Number.isFinite(value)) {
    return checkedInt(BigInt(Math.trunc(value)));
  }
  if (typeof value === 'string' && /^-?\d{1,19}$/.test(value)) return checkedInt(BigInt(value));

  throw new EvaluationFailed(`int() cannot convert this ${typeOf(value)}`);
}

function toDouble(value: Value): number {
  if (isNumber(value)) return Number(value);
  if (typeof value === 'string' && /^-?\d{1,30}(?:\.\d{1,30})?$/.test(value)) return Number(value);

  throw new EvaluationFailed(`double() cannot convert this ${typeOf(value)}`);
}

/** Folds ASCII only: folding more would let U+212A (Kelvin) pass for a k. */
function asciiLower(value: Value, meter: Meter): string {
  const text = textOf(value);
  meter.chargeText(text.length);

  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function contains(text: string, part: string, meter: Meter): boolean {
  // The engine's search may degrade to text times part.
  meter.charge(1 + ((text.length * part.length) >> 5));

  return text.includes(part);
}

function split(text: string, separator: string, meter: Meter): readonly Value[] {
  meter.charge(1 + text.length + ((text.length * separator.length) >> 5));

  return text.split(separator);
}

function startsWith(text: string, part: string, meter: Meter): boolean {
  meter.chargeText(part.length);

  return text.startsWith(part);
}

function endsWith(text: string, part: string, meter: Meter): boolean {
  meter.chargeText(part.length);

  return text.endsWith(part);
}

export const FUNCTIONS: ReadonlyMap<string, ConditionFunction> = new Map([
  ['size', unary(size)],
  ['string', unary(toText)],
  ['int', unary(toInt)],
  ['double', unary(toDouble)],
]);

export const METHODS: ReadonlyMap<string, ConditionFunction> = new Map([
  ['size', unary(size)],
  ['lowerAscii', unary(asciiLower)],
  ['contains', onTexts(contains)],
  ['split', onTexts(split)],
  ['startsWith', onTexts(startsWith)],
  ['endsWith', onTexts(endsWith)],
]);
