import { type ASTNode } from '@marcbachmann/cel-js';
import { serialize } from '@marcbachmann/cel-js/serialize';
import { LIMITS } from './limits.js';
import { MACROS } from './macros.js';
import { preview } from './preview.js';
import { type Observer } from './program.js';
import { type Value } from './values.js';

/** One sub-expression that was evaluated: its value, or why it has none. */
export interface ConditionStep {
  readonly expression: string;
  readonly value: unknown;
  readonly error: string | null;
}

/** What a condition says of certain claims, and how it came to say so. */
export interface ConditionExplanation {
  readonly admits: boolean;
  readonly error: string | null;
  readonly steps: readonly ConditionStep[];
}

/** Remembers what each sub-expression gave. What was skipped (`false && …`) leaves no step. */
export class Trace implements Observer {
  readonly #watched: ReadonlySet<ASTNode>;
  readonly #outcomes = new Map<ASTNode, Pick<ConditionStep, 'value' | 'error'>>();

  constructor(root: ASTNode) {
    this.#watched = new Set([...subExpressions(root)].slice(0, LIMITS.explainedSteps));
  }

  observe(node: ASTNode, evaluate: () => Value): Value {
    if (!this.#watched.has(node)) return evaluate();

    try {
      const value = evaluate();
      this.#outcomes.set(node, { value: preview(value), error: null });
      return value;
    } catch (error) {
      this.#outcomes.set(node, { value: null, error: messageOf(error) });
      throw error;
    }
  }

  /** In source order, operands before what is made of them. */
  get steps(): ConditionStep[] {
    return [...this.#watched].flatMap((node) => {
      const outcome = this.#outcomes.get(node);
      return outcome === undefined ? [] : [{ expression: textOf(node), ...outcome }];
    });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'failed';
}

function textOf(node: ASTNode): string {
  const text = serialize(node);

  return text.length > LIMITS.explainedText ? `${text.slice(0, LIMITS.explainedText)}…` : text;
}

function isWorthAStep(node: ASTNode): boolean {
  return node.op !== 'value' && node.op !== 'id' && node.op !== 'list';
}

/** `a || b || c` is one step beside its three operands, not two. */
function* subExpressions(node: ASTNode, parent?: ASTNode): Generator<ASTNode> {
  for (const operand of operandsOf(node)) yield* subExpressions(operand, node);

  const joined = (node.op === '||' || node.op === '&&') && node.op === parent?.op;
  if (isWorthAStep(node) && !joined) yield node;
}

function operandsOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case '.':
      return [node.args[0]];
    case 'call':
      return node.args[0] === 'has' ? node.args[1].flatMap(operandsOf) : node.args[1];
    case 'rcall':
      // The body of a loop has as many values as there are elements.
      return MACROS.has(node.args[0]) ? [node.args[1]] : [node.args[1], ...node.args[2]];
    default:
      return argumentsOf(node);
  }
}

function argumentsOf({ args }: ASTNode): readonly ASTNode[] {
  return [args].flat(2).filter((argument) => isNode(argument));
}

function isNode(argument: unknown): argument is ASTNode {
  return typeof argument === 'object' && argument !== null && 'op' in argument;
}
