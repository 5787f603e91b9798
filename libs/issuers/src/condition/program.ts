import { type ASTNode } from '@marcbachmann/cel-js';
import { ConditionInvalid } from './condition-invalid.js';
import { LIMITS } from './limits.js';
import { type Meter } from './meter.js';
import { booleanOf } from './operators.js';
import { EvaluationFailed, type Value } from './values.js';

/** Sees the outcome of every node of one evaluation. */
export interface Observer {
  observe(node: ASTNode, evaluate: () => Value): Value;
}

/** The state of one evaluation: slot 0 holds the claims, the others the loop variables. */
export interface Run {
  readonly meter: Meter;
  readonly slots: Value[];
  readonly observer: Observer | null;
}

/** A compiled expression. */
export type Program = (run: Run) => Value;

/** Which names an expression may use, and how high above it the tree stands. */
export class Scope {
  static readonly root = new Scope(['claims'], 0);

  private constructor(
    private readonly names: readonly string[],
    private readonly depth: number,
  ) {}

  below(node: ASTNode): Scope {
    if (this.depth >= LIMITS.depth) {
      throw ConditionInvalid.at(node, `The condition is more than ${LIMITS.depth} levels deep`);
    }
    return new Scope(this.names, this.depth + 1);
  }

  /** A loop variable never hides another name: a reader must see at once what `claims` is. */
  with(name: string, node: ASTNode): Scope {
    if (this.names.includes(name)) {
      throw ConditionInvalid.at(node, `The loop variable ${name} hides another name`);
    }
    return new Scope([...this.names, name], this.depth);
  }

  slotOf(name: string): number {
    return this.names.indexOf(name);
  }

  get size(): number {
    return this.names.length;
  }
}

/** The outcome of an operand whose error the operator may absorb; a spent budget is never absorbed. */
export function attempt(program: Program, run: Run): boolean | EvaluationFailed {
  try {
    return booleanOf(program(run));
  } catch (error) {
    if (!(error instanceof EvaluationFailed)) throw error;

    run.meter.charge(LIMITS.unitsPerAbsorbedError);
    return error;
  }
}
