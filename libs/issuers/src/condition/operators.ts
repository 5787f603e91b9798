import { type Meter } from './meter.js';
import { EvaluationFailed, type Value, equals, isList, isMap, isNumber, typeOf } from './values.js';

type Operator = (left: Value, right: Value, meter: Meter) => Value;

const MAX_INT = 2n ** 63n - 1n;
const MIN_INT = -(2n ** 63n);

/** An int of 64 bits, as CEL has it: without the bound a product of products would grow for ever. */
export function checkedInt(value: bigint): bigint {
  if (value > MAX_INT || value < MIN_INT) throw new EvaluationFailed('integer overflow');

  return value;
}

function noOverload(left: Value, operator: string, right: Value): EvaluationFailed {
  return new EvaluationFailed(`no such overload: ${typeOf(left)} ${operator} ${typeOf(right)}`);
}

function arithmetic(
  operator: string,
  ints: (a: bigint, b: bigint) => bigint,
  doubles: (a: number, b: number) => number,
): Operator {
  return (left, right) => {
    if (typeof left === 'bigint' && typeof right === 'bigint') return checkedInt(ints(left, right));
    if (typeof left === 'number' && typeof right === 'number') return doubles(left, right);

    throw noOverload(left, operator, right);
  };
}

function nonZero(value: bigint): bigint {
  if (value === 0n) throw new EvaluationFailed('division by zero');

  return value;
}

const sum = arithmetic(
  '+',
  (a, b) => a + b,
  (a, b) => a + b,
);

function plus(left: Value, right: Value, meter: Meter): Value {
  if (typeof left === 'string' && typeof right === 'string') {
    meter.chargeText(left.length + right.length);
    return left + right;
  }
  if (isList(left) && isList(right)) {
    meter.charge(left.length + right.length);
    return [...left, ...right];
  }
  return sum(left, right, meter);
}

function ordering(
  operator: string,
  holds: (a: string | number | bigint | boolean, b: string | number | bigint | boolean) => boolean,
): Operator {
  return (left, right, meter) => {
    if (isNumber(left) && isNumber(right)) return holds(left, right);
    if (typeof left === 'boolean' && typeof right === 'boolean') return holds(left, right);
    if (typeof left === 'string' && typeof right === 'string') {
      meter.chargeText(Math.min(left.length, right.length));
      return holds(left, right);
    }
    throw noOverload(left, operator, right);
  };
}

function isIn(element: Value, container: Value, meter: Meter): boolean {
  if (isList(container)) return container.some((other) => equals(element, other, meter));
  if (isMap(container)) return typeof element === 'string' && container.has(element);

  throw noOverload(element, 'in', container);
}

/** Every binary operator but `&&` and `||`, which decide what they evaluate. */
export const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>([
  ['==', equals],
  ['!=', (left, right, meter) => !equals(left, right, meter)],
  ['in', isIn],
  ['+', plus],
  [
    '-',
    arithmetic(
      '-',
      (a, b) => a - b,
      (a, b) => a - b,
    ),
  ],
  [
    '*',
    arithmetic(
      '*',
      (a, b) => a * b,
      (a, b) => a * b,
    ),
  ],
  [
    '/',
    arithmetic(
      '/',
      (a, b) => a / nonZero(b),
      (a, b) => a / b,
    ),
  ],
  ['%', arithmetic('%', (a, b) => a % nonZero(b), notForDoubles)],
  ['<', ordering('<', (a, b) => a < b)],
  ['<=', ordering('<=', (a, b) => a <= b)],
  ['>', ordering('>', (a, b) => a > b)],
  ['>=', ordering('>=', (a, b) => a >= b)],
]);

function notForDoubles(): never {
  throw new EvaluationFailed('no such overload: double % double');
}

export function negated(value: Value): Value {
  if (typeof value === 'bigint') return checkedInt(-value);
  if (typeof value === 'number') return -value;

  throw new EvaluationFailed(`no such overload: -${typeOf(value)}`);
}

export function booleanOf(value: Value): boolean {
  if (typeof value === 'boolean') return value;

  throw new EvaluationFailed(`expected bool, got ${typeOf(value)}`);
}

/** `container.key` and `container[key]`. */
export function select(container: Value, key: Value): Value {
  if (isMap(container) && typeof key === 'string') {
    const value = container.get(key);
    if (value === undefined) throw new EvaluationFailed(`no such key: ${key}`);
    return value;
  }
  if (isList(container) && typeof key === 'bigint') {
    const value = container[Number(key)];
    if (value === undefined) throw new EvaluationFailed(`index out of bounds: ${key}`);
    return value;
  }
  throw new EvaluationFailed(`no such overload: ${typeOf(container)}[${typeOf(key)}]`);
}
