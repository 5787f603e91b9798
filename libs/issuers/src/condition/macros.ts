import { type Program, type Run, attempt } from './program.js';
import { booleanOf } from './operators.js';
import { EvaluationFailed, type Value, isList, isMap, typeOf } from './values.js';

/** A loop over `range`: `slot` holds the element while `bodies` run. */
interface Loop {
  readonly range: Program;
  readonly slot: number;
  readonly bodies: readonly [Program, ...Program[]];
}

/** A macro with a loop variable, and how many expressions may follow that variable. */
export interface Macro {
  readonly bodies: readonly number[];
  readonly compile: (loop: Loop) => Program;
}

/** What `body` gives for each element, one after the other. */
function* outcomes<T>(
  loop: Loop,
  run: Run,
  evaluate: (body: Program, run: Run) => T,
): Generator<T> {
  for (const element of elementsOf(loop.range(run))) {
    run.meter.charge(1);
    run.slots[loop.slot] = element;
    yield evaluate(loop.bodies[0], run);
  }
}

function elementsOf(container: Value): Iterable<Value> {
  if (isList(container)) return container;
  if (isMap(container)) return container.keys();

  throw new EvaluationFailed(`cannot loop over ${typeOf(container)}`);
}

/** `all` is decided by the first false, `exists` by the first true, whatever else fails. */
function quantifier(decisive: boolean): Macro['compile'] {
  return (loop) => (run) => {
    let failure: EvaluationFailed | null = null;
    for (const outcome of outcomes(loop, run, attempt)) {
      if (outcome === decisive) return decisive;
      if (outcome instanceof EvaluationFailed) failure ??= outcome;
    }
    if (failure !== null) throw failure;

    return !decisive;
  };
}

function existsOne(loop: Loop): Program {
  return (run) => {
    let matches = 0;
    for (const holds of outcomes(loop, run, truth)) {
      if (holds) matches += 1;
    }
    return matches === 1;
  };
}

function filter(loop: Loop): Program {
  return (run) => {
    const kept: Value[] = [];
    for (const holds of outcomes(loop, run, truth)) {
      if (holds) kept.push(run.slots[loop.slot] ?? null);
    }
    return kept;
  };
}

/** `map(x, transform)` and `map(x, predicate, transform)`. */
function map(loop: Loop): Program {
  const [, transform] = loop.bodies;
  if (transform === undefined) {
    return (run) => [...outcomes(loop, run, (body) => body(run))];
  }

  return (run) => {
    const mapped: Value[] = [];
    for (const holds of outcomes(loop, run, truth)) {
      if (holds) mapped.push(transform(run));
    }
    return mapped;
  };
}

function truth(body: Program, run: Run): boolean {
  return booleanOf(body(run));
}

export const MACROS: ReadonlyMap<string, Macro> = new Map<string, Macro>([
  ['all', { bodies: [1], compile: quantifier(false) }],
  ['exists', { bodies: [1], compile: quantifier(true) }],
  ['exists_one', { bodies: [1], compile: existsOne }],
  ['filter', { bodies: [1], compile: filter }],
  ['map', { bodies: [1, 2], compile: map }],
]);
