import { Injectable } from '@nestjs/common';

import { Clock } from '@tenantry/kernel';
import { secondFactorChangedMail } from '@tenantry/mail';
import type { Person } from '../people/person.js';
import { Attempts } from './attempts.js';
import { Background } from './background.js';
import { SigninRefused } from './login.errors.js';
import { SecondFactors, type ShownFactor } from './second-factors.js';

/** So many in a row are no slips of the finger: somebody else has the password. */
const WRONG_CODES_TOLD = 10;

/** Has whoever guesses codes with somebody's right password wait, wherever they come from. */
@Injectable()
export class CodeGuesses {
  constructor(
    private readonly attempts: Attempts,
    private readonly factors: SecondFactors,
    private readonly background: Background,
    private readonly clock: Clock,
  ) {}

  /** Null for a person without a second factor. Throws `SecondFactorNeeded`, `SigninRefused`, `Throttled`. */
  async check(person: Person, code: string | undefined): Promise<ShownFactor | null> {
    const isGuess = person.totpConfirmedAt !== null && code !== undefined;
    if (!isGuess) return this.factors.check(person, code);
    return this.attempts.countCode(person.id, (wrongBefore) => {
      try {
        return this.factors.check(person, code);
      } catch (error) {
        const isTold = error instanceof SigninRefused && wrongBefore + 1 === WRONG_CODES_TOLD;
        if (isTold) this.#notify(person);
        throw error;
      }
    });
  }

  #notify({ email: to }: Person): void {
    const at = this.clock.now();
    this.background.notify(secondFactorChangedMail({ to, at, change: 'codes_guessed' }));
  }
}
