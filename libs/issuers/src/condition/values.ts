import { LIMITS } from './limits.js';
import { type Meter } from './meter.js';

/** A CEL value: `bigint` is int, `number` is double. Maps are `Map`s, so that no prototype shows through. */
export type Value =
  null | boolean | string | bigint | number | readonly Value[] | ReadonlyMap<string, Value>;

/** An operation had no value: a missing claim, a wrong type. `&&`, `||`, `all` and `exists` may absorb it. */
export class EvaluationFailed extends Error {}

/** The CEL name of a value's type. */
export function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'list';

  switch (typeof value) {
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'int';
    case 'number':
      return 'double';
    default:
      return typeof value === 'string' ? 'string' : 'map';
  }
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

export function isMap(value: Value): value is ReadonlyMap<string, Value> {
  return value instanceof Map;
}

export function isNumber(value: Value): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number';
}

/**
 * Claims as CEL sees them.
 *
 * JSON knows one kind of number. Whole numbers that a double holds exactly become int, all others
 * double, so that `claims.level >= 3`, `== 3` and `== 3.0` all hold for a level of 3. Only own
 * properties are claims.
 */
export function fromJson(json: unknown, meter: Meter, depth = 0): Value {
  meter.charge(1);
  if (depth > LIMITS.claimsDepth) throw new EvaluationFailed('the claims are nested too deeply');

  return typeof json === 'object' && json !== null
    ? fromContainer(json, (element) => fromJson(element, meter, depth + 1))
    : fromScalar(json);
}

function fromScalar(json: unknown): Value {
  if (json === null || typeof json === 'string' || typeof json === 'boolean') return json;
  if (typeof json === 'number') return Number.isSafeInteger(json) ? BigInt(json) : json;

  throw new EvaluationFailed(`a claim is of type ${typeof json}, which JSON does not have`);
}

function fromContainer(json: object, convert: (element: unknown) => Value): Value {
  if (Array.isArray(json)) return json.map(convert);

  return new Map(
    Object.entries(json)
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => [key, convert(value)]),
  );
}

/** Equality across all types: int and double compare by value, other types are never equal. */
export function equals(a: Value, b: Value, meter: Meter): boolean {
  meter.charge(1);
  if (isNumber(a) && isNumber(b)) return a <= b && a >= b;
  if (typeof a === 'string' && typeof b === 'string') return equalText(a, b, meter);

  return equalContainers(a, b, meter) ?? a === b;
}

function equalContainers(a: Value, b: Value, meter: Meter): boolean | null {
  if (isList(a)) return isList(b) && equalLists(a, b, meter);
  if (isMap(a)) return isMap(b) && equalMaps(a, b, meter);

  return null;
}

function equalText(a: string, b: string, meter: Meter): boolean {
  if (a.length !== b.length) return false;
  meter.chargeText(a.length);

  return a === b;
}

function equalLists(a: readonly Value[], b: readonly Value[], meter: Meter): boolean {
  return a.length === b.length && a.every((left, i) => equals(left, b[i] ?? null, meter));
}

function equalMaps(
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
  meter: Meter,
): boolean {
  if (a.size !== b.size) return false;

  for (const [key, left] of a) {
    const right = b.get(key);
    if (right === undefined || !equals(left, right, meter)) return false;
  }
  return true;
}
