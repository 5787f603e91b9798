import type { DomainError } from '@tenantry/kernel';
import type { DecisionStep, StepName } from './receipt.js';

type Facts = Omit<DecisionStep, 'step' | 'outcome' | 'code'>;

/** The refusal that ends a walk. */
export interface Stop {
  readonly step: StepName;
  readonly error: DomainError;
  /** What is told of the refusal besides what the step rests on. */
  readonly facts: Facts;
}

/** The steps that a request took, in their order, up to the one that refused it. */
export class Walk {
  readonly #steps: DecisionStep[] = [];
  #isOver = false;

  constructor(private readonly stop: Stop | null) {}

  /** Whether the refusal is at one of these steps. */
  stopsAt(...steps: readonly StepName[]): boolean {
    return this.stop !== null && steps.includes(this.stop.step);
  }

  take(step: StepName, facts: Facts = {}): void {
    if (this.#isOver) return;
    if (this.stop?.step === step) this.#refuse(this.stop, facts);
    else this.#steps.push({ step, outcome: 'passed', ...facts });
  }

  /** All of them; a step that only refusing makes known comes last. */
  end(): readonly DecisionStep[] {
    if (this.stop && !this.#isOver) this.#refuse(this.stop, {});
    return this.#steps;
  }

  #refuse({ step, error, facts }: Stop, known: Facts): void {
    this.#isOver = true;
    this.#steps.push({ step, outcome: 'refused', code: error.code, ...known, ...facts });
  }
}
