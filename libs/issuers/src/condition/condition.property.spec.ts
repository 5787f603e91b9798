import { describe, expect, it } from '@jest/globals';
import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { Condition, ConditionInvalid } from './condition.js';

type Scalar = string | number | boolean | null;
type Claims = Record<string, unknown>;

type Atom =
  | { readonly is: 'equal' | 'unequal'; readonly claim: string; readonly to: Scalar }
  | { readonly is: 'member'; readonly claim: string; readonly of: Scalar }
  | { readonly is: 'present' | 'key' | 'flag'; readonly claim: string };

/** The subset whose meaning is spelled out below, without a parser and without types of CEL. */
type Formula =
  | Atom
  | { readonly is: 'not'; readonly operand: Formula }
  | { readonly is: 'and' | 'or'; readonly left: Formula; readonly right: Formula };

type Outcome = boolean | 'error';

const names = fc.constantFrom('a', 'b', 'c', 'constructor', '__proto__');
const scalars: fc.Arbitrary<Scalar> = fc.oneof(
  fc.constantFrom('', 'a', 'x', 'true', '1'),
  fc.integer({ min: -2, max: 2 }),
  fc.constantFrom(0.5, 1.5),
  fc.boolean(),
  fc.constant(null),
);
const values = fc.oneof(
  { weight: 3, arbitrary: scalars },
  fc.boolean(),
  fc.array(scalars, { maxLength: 3 }),
  fc.dictionary(names, scalars, { maxKeys: 2, noNullPrototype: true }),
);
/** As a token's payload arrives: parsed JSON, in which even __proto__ is a plain key. */
const claimsOf = fc
  .array(fc.tuple(names, values), { maxLength: 5 })
  .map((entries): Claims => Object.fromEntries(entries));

const { formula } = fc.letrec<{ formula: Formula }>((tie) => ({
  formula: fc.oneof(
    { maxDepth: 4 },
    fc.record({ is: fc.constantFrom('equal', 'unequal'), claim: names, to: scalars }),
    fc.record({ is: fc.constant('member'), claim: names, of: scalars }),
    fc.record({ is: fc.constantFrom('present', 'key', 'flag'), claim: names }),
    fc.record({ is: fc.constant('not'), operand: tie('formula') }),
    fc.record({
      is: fc.constantFrom('and', 'or'),
      left: tie('formula'),
      right: tie('formula'),
    }),
  ),
}));

function written(f: Formula): string {
  switch (f.is) {
    case 'not':
      return `!(${written(f.operand)})`;
    case 'and':
    case 'or':
      return `(${written(f.left)}) ${f.is === 'and' ? '&&' : '||'} (${written(f.right)})`;
    default:
      return writtenAtom(f);
  }
}

function writtenAtom(f: Atom): string {
  switch (f.is) {
    case 'member':
      return `${JSON.stringify(f.of)} in claims.${f.claim}`;
    case 'present':
      return `has(claims.${f.claim})`;
    case 'key':
      return `"${f.claim}" in claims`;
    case 'flag':
      return `claims.${f.claim}`;
    default:
      return `claims.${f.claim} ${f.is === 'equal' ? '==' : '!='} ${JSON.stringify(f.to)}`;
  }
}

/** The meaning of a formula: a missing claim and a wrong type are errors, which only and/or absorb. */
function meaning(f: Formula, claims: Claims): Outcome {
  switch (f.is) {
    case 'not':
      return negated(meaning(f.operand, claims));
    case 'and':
    case 'or':
      return joined(f.is === 'or', meaning(f.left, claims), meaning(f.right, claims));
    default:
      return meaningOfAtom(f, claims);
  }
}

function meaningOfAtom(f: Atom, claims: Claims): Outcome {
  switch (f.is) {
    case 'member':
      return membership(f.of, claims, f.claim);
    case 'present':
    case 'key':
      return Object.keys(claims).includes(f.claim);
    case 'flag':
      return truth(Object.hasOwn(claims, f.claim) ? claims[f.claim] : undefined);
    default:
      return equality(f, claims);
  }
}

function equality(f: Extract<Atom, { readonly to: Scalar }>, claims: Claims): Outcome {
  if (!Object.hasOwn(claims, f.claim)) return 'error';
  const equal = claims[f.claim] === f.to;

  return f.is === 'equal' ? equal : !equal;
}

function membership(of: Scalar, claims: Claims, claim: string): Outcome {
  const container = Object.hasOwn(claims, claim) ? claims[claim] : undefined;
  if (Array.isArray(container)) return container.includes(of);
  if (typeof container !== 'object' || container === null) return 'error';

  return typeof of === 'string' && Object.keys(container).includes(of);
}

function truth(value: unknown): Outcome {
  return typeof value === 'boolean' ? value : 'error';
}

function negated(outcome: Outcome): Outcome {
  return outcome === 'error' ? 'error' : !outcome;
}

function joined(decisive: boolean, left: Outcome, right: Outcome): Outcome {
  if (left === decisive || right === decisive) return decisive;
  return left === 'error' || right === 'error' ? 'error' : !decisive;
}

/** Far more than the subset, most of it ill-typed for most claims. */
const { wild } = fc.letrec<{ wild: string }>((tie) => {
  const any = tie('wild');
  const operators = fc.constantFrom(
    '==',
    '!=',
    '<',
    '>=',
    '+',
    '-',
    '*',
    '/',
    '%',
    'in',
    '&&',
    '||',
  );
  const loops = fc.constantFrom('all', 'exists', 'exists_one', 'filter', 'map');
  const calls = fc.constantFrom('size', 'string', 'int', 'double');
  const methods = fc.constantFrom('contains', 'startsWith', 'endsWith', 'split');

  return {
    wild: fc.oneof(
      { maxDepth: 4 },
      names.map((name) => `claims.${name}`),
      scalars.map((scalar) => JSON.stringify(scalar)),
      fc.constantFrom('claims', 'claims["a"]', 'claims.a[0]', 'claims.a.b', '[claims.a, claims.b]'),
      fc.tuple(any, operators, any).map(([l, o, r]) => `(${l} ${o} ${r})`),
      fc.tuple(any, any, any).map(([c, y, n]) => `(${c} ? ${y} : ${n})`),
      fc.tuple(calls, any).map(([call, argument]) => `${call}(${argument})`),
      fc.tuple(any, methods, any).map(([r, method, a]) => `(${r}).${method}(${a})`),
      fc.tuple(any, loops, any).map(([r, loop, b]) => `(${r}).${loop}(v${b.length}, ${b})`),
      fc.tuple(any, fc.constantFrom('(a+)+$', '^x?')).map(([r, p]) => `(${r}).matches("${p}")`),
      any.map((operand) => `!(${operand})`),
    ),
  };
});

/** Most wild expressions are refused at save; those that are not are what tokens meet. */
function compiled(source: string): Condition | null {
  try {
    return Condition.compile(source);
  } catch (error) {
    expect(error).toBeInstanceOf(ConditionInvalid);
    return null;
  }
}

describe('any condition', () => {
  it('means what the reference says, and admits nothing by an error', () => {
    fc.assert(
      fc.property(formula, claimsOf, (f, claims) => {
        const condition = Condition.compile(written(f));
        const expected = meaning(f, claims);

        const { admits, error } = condition.explain(claims);

        expect(condition.admits(claims)).toBe(expected === true);
        expect(admits).toBe(expected === true);
        expect(error === null).toBe(expected !== 'error');
      }),
      { numRuns: 500 },
    );
  });

  it('means what cel-js itself says', () => {
    const environment = new Environment().registerVariable('claims', 'map');

    fc.assert(
      fc.property(formula, claimsOf, (f, claims) => {
        const source = written(f);
        const verdict = outcomeOf(() => environment.evaluate(source, { claims: toCel(claims) }));

        expect(Condition.compile(source).admits(claims)).toBe(verdict === true);
      }),
      { numRuns: 300 },
    );
  });

  it('is compiled or refused, never throws, and never admits by an error, whatever the claims', () => {
    fc.assert(
      fc.property(wild, fc.oneof(claimsOf, fc.object({ withBigInt: true })), (source, claims) => {
        const condition = compiled(source);
        if (condition === null) return;

        const { admits, error, steps } = condition.explain(claims);

        expect(condition.admits(claims)).toBe(admits);
        expect(admits && error !== null).toBe(false);
        expect(JSON.stringify(steps).length).toBeLessThan(100_000);
      }),
      { numRuns: 1000 },
    );
  });

  it('is refused with a ConditionInvalid where it is no CEL at all', () => {
    const soup = fc.array(
      fc.constantFrom(
        'claims',
        '.a',
        '(',
        ')',
        '[',
        ']',
        '"',
        "'",
        '&&',
        '==',
        '1',
        ' ',
        '.all(',
        'x',
        ',',
        '\\',
        '{',
      ),
      { maxLength: 20 },
    );

    fc.assert(
      fc.property(
        fc.oneof(
          soup.map((parts) => parts.join('')),
          fc.string(),
        ),
        (source) => {
          expect([Condition, null]).toContain(compiled(source)?.constructor ?? null);
        },
      ),
      { numRuns: 500 },
    );
  });
});

function outcomeOf(evaluate: () => unknown): Outcome {
  try {
    return truth(evaluate());
  } catch {
    return 'error';
  }
}

function toCel(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(toCel);
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json);
  if (typeof json !== 'object' || json === null) return json;

  return new Map(Object.entries(json).map(([key, value]) => [key, toCel(value)]));
}
