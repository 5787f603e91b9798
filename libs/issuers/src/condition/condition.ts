import { type ASTNode, Environment, ParseError, TypeError } from '@marcbachmann/cel-js';
import { compile } from './compile.js';
import { ConditionInvalid } from './condition-invalid.js';
import { type ConditionExplanation, Trace } from './explain.js';
import { LIMITS } from './limits.js';
import { CostExceeded, Meter } from './meter.js';
import { type Observer, type Program, Scope } from './program.js';
import { EvaluationFailed, fromJson, typeOf } from './values.js';

export { ConditionInvalid } from './condition-invalid.js';
export type { ConditionExplanation } from './explain.js';

const environment = new Environment({
  limits: {
    maxAstNodes: LIMITS.nodes,
    maxDepth: LIMITS.nesting,
    maxListElements: LIMITS.listElements,
  },
}).registerVariable('claims', 'map');

interface Verdict {
  readonly admits: boolean;
  readonly error: string | null;
}

/**
 * A boolean CEL expression over `claims`, the verified payload of a token.
 *
 * It reads nothing but the claims, no clock either: what it says of a token holds for the token's
 * life. Whatever is not plainly true – an error, another type, a spent budget – does not admit.
 */
export class Condition {
  readonly #root: ASTNode;
  readonly #program: Program;

  private constructor(
    readonly source: string,
    root: ASTNode,
  ) {
    this.#root = root;
    this.#program = compile(root, Scope.root);
  }

  static compile(source: string): Condition {
    refuseText(source);

    try {
      const parsed = environment.parse(source);
      const condition = new Condition(source, parsed.ast);
      refuseTypes(parsed.check());
      return condition;
    } catch (error) {
      throw asInvalid(source, error);
    }
  }

  admits(claims: Readonly<Record<string, unknown>>): boolean {
    return this.#judge(claims, null).admits;
  }

  explain(claims: Readonly<Record<string, unknown>>): ConditionExplanation {
    const trace = new Trace(this.#root);

    return { ...this.#judge(claims, trace), steps: trace.steps };
  }

  #judge(claims: Readonly<Record<string, unknown>>, observer: Observer | null): Verdict {
    try {
      const meter = new Meter();
      const value = this.#program({ meter, slots: [fromJson(claims, meter)], observer });
      if (typeof value === 'boolean') return { admits: value, error: null };

      return { admits: false, error: `the condition gives ${typeOf(value)}, not bool` };
    } catch (error) {
      return { admits: false, error: reasonOf(error) };
    }
  }
}

function refuseText(source: string): void {
  if (Buffer.byteLength(source) > LIMITS.sourceBytes) {
    throw new ConditionInvalid(`The condition is longer than ${LIMITS.sourceBytes} bytes.`);
  }
  // PostgreSQL would refuse the one and change the other.
  if (source.includes('\0') || Buffer.from(source).toString() !== source) {
    throw new ConditionInvalid('The condition holds a NUL or half of a surrogate pair.');
  }
}

function refuseTypes(check: ReturnType<ReturnType<Environment['parse']>['check']>): void {
  if (!check.valid) throw check.error ?? new ConditionInvalid('The types do not fit.');
  if (check.type === 'bool' || check.type === 'dyn') return;

  throw new ConditionInvalid(`The condition gives ${check.type ?? 'no value'}, not bool.`);
}

function asInvalid(source: string, error: unknown): ConditionInvalid {
  if (error instanceof ConditionInvalid) return error;
  if (error instanceof ParseError || error instanceof TypeError) {
    return ConditionInvalid.at({ input: source, start: error.range?.start ?? 0 }, error.summary);
  }
  // What the parser throws unawares, a RangeError of its recursion above all.
  return new ConditionInvalid('The condition cannot be parsed.', { cause: error });
}

function reasonOf(error: unknown): string {
  if (error instanceof EvaluationFailed || error instanceof CostExceeded) return error.message;

  return 'the condition cannot be evaluated on these claims';
}
