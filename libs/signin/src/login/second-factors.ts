import { timingSafeEqual } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { Sealer } from '@tenantry/crypto';
import type { PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import type { Person } from '../people/person.js';
import { SecondFactorsRepository } from '../people/second-factors.repository.js';
import { RecoveryCodes } from '../second-factor/recovery-codes.js';
import { totpStepOf } from '../second-factor/totp.js';
import { SecondFactorNeeded, SigninRefused } from './login.errors.js';

/** A second factor that was shown, and is not used up yet. */
export type ShownFactor =
  | { readonly kind: 'totp'; readonly step: number }
  | { readonly kind: 'recovery_code'; readonly digest: Uint8Array };

/** Checks second factors, and uses each code up once. */
@Injectable()
export class SecondFactors {
  constructor(
    private readonly factors: SecondFactorsRepository,
    private readonly recovery: RecoveryCodes,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
  ) {}

  /** Null for a person without a second factor. Throws `SecondFactorNeeded`, `SigninRefused`. */
  check(person: Person, code: string | undefined): ShownFactor | null {
    if (person.totpConfirmedAt === null) return null;
    if (code === undefined) throw new SecondFactorNeeded();
    const factor = this.#byStep(person, code) ?? this.#byRecoveryCode(person, code);
    if (!factor) throw new SigninRefused();
    return factor;
  }

  /** The time step of a code of the person's app; null where it is none. */
  stepOf({ id, totpSecret }: Person, code: string): number | null {
    if (totpSecret === null) return null;
    return totpStepOf(this.sealer.open(totpSecret, contextOf(id)), code, this.clock.now());
  }

  sealed(personId: string, secret: Buffer): Buffer {
    return this.sealer.seal(secret, contextOf(personId));
  }

  /** Throws `SigninRefused` where somebody else was faster with the same code. */
  async use(tx: PlatformTransaction, personId: string, factor: ShownFactor | null): Promise<void> {
    if (!factor) return;
    const isUsed =
      factor.kind === 'totp'
        ? await this.factors.useStep(tx, personId, factor.step)
        : await this.factors.useRecoveryCode(tx, personId, factor.digest);
    if (!isUsed) throw new SigninRefused();
  }

  #byStep(person: Person, code: string): ShownFactor | null {
    const step = this.stepOf(person, code);
    if (step === null || step <= (person.totpLastStep ?? -1)) return null;
    return { kind: 'totp', step };
  }

  #byRecoveryCode({ recoveryCodes }: Person, code: string): ShownFactor | null {
    const digest = this.recovery.digest(code);
    const isKept = digest && recoveryCodes.some((kept) => timingSafeEqual(kept, digest));
    return isKept ? { kind: 'recovery_code', digest } : null;
  }
}

/** A sealed secret opens for the person whose it is alone. */
function contextOf(personId: string): string {
  return `totp:${personId}`;
}
