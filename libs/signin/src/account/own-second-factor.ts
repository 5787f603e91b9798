import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { type SecondFactorChange, secondFactorChangedMail } from '@tenantry/mail';
import { Background } from '../login/background.js';
import { SigninRefused } from '../login/login.errors.js';
import { PersonProof } from '../login/person-proof.js';
import { SecondFactors } from '../login/second-factors.js';
import { personTarget, SigninRecords } from '../login/signin-records.js';
import type { Person } from '../people/person.js';
import { SecondFactorsRepository } from '../people/second-factors.repository.js';
import { RecoveryCodes } from '../second-factor/recovery-codes.js';
import { newTotpSecret, totpSecretText, totpUri } from '../second-factor/totp.js';
import { SecondFactorMissing, SecondFactorPresent } from './account.errors.js';
import { AccountHolders } from './account-holders.js';

const REASON = 'second-factor';

/** A secret for an authenticator app, shown once. */
export interface ProposedFactor {
  readonly secret: string;
  readonly uri: string;
}

/** What somebody shows before a second factor is touched. */
export interface FactorProof {
  readonly password: string;
  readonly code: string;
}

/** The second factor of the caller's own account. */
@Injectable()
export class OwnSecondFactor {
  constructor(
    private readonly database: Database,
    private readonly holders: AccountHolders,
    private readonly proof: PersonProof,
    private readonly factors: SecondFactors,
    // More than the usual four: the rows, the codes, and who hears of a change.
    private readonly rows: SecondFactorsRepository,
    private readonly recovery: RecoveryCodes,
    private readonly records: SigninRecords,
    private readonly background: Background,
    private readonly clock: Clock,
  ) {}

  /** Gives a secret that is good for nothing until a code of it was shown. */
  async propose(caller: Caller, password: string): Promise<ProposedFactor> {
    const { person } = await this.holders.of(caller);
    if (person.totpConfirmedAt) throw new SecondFactorPresent();
    const secret = newTotpSecret();
    const claim = { email: person.email, password, code: undefined, isPasswordEnough: true };
    await this.proof.show(claim, caller.origin.ip, (proof) =>
      this.database.acrossTenants(REASON, async (tx) => {
        await this.proof.uphold(tx, proof);
        const sealed = this.factors.sealed(person.id, secret);
        if (!(await this.rows.propose(tx, person.id, sealed))) throw new SecondFactorPresent();
        this.#record(tx, caller, person, 'second_factor.proposed');
      }),
    );
    return { secret: totpSecretText(secret), uri: totpUri(secret, person.email) };
  }

  /** Switches the proposed second factor on, and gives the recovery codes, for once. */
  async confirm(caller: Caller, code: string): Promise<readonly string[]> {
    const { person, sessionId } = await this.holders.of(caller);
    if (person.totpConfirmedAt) throw new SecondFactorPresent();
    const sealed = person.totpSecret;
    if (!sealed) throw new SecondFactorMissing();
    const codes = this.recovery.generate();
    // A guess like any other: who confirms a secret that they do not have gets the codes.
    await this.proof.guess(person.email, caller.origin.ip, async () => {
      const step = this.factors.stepOf(person, code);
      if (step === null) throw new SigninRefused();
      const confirmed = { sealed, step, recoveryCodes: this.#digests(codes), at: this.clock.now() };
      await this.database.acrossTenants(REASON, async (tx) => {
        if (!(await this.rows.confirm(tx, person.id, confirmed))) throw new SecondFactorPresent();
        const marked = { hasSecondFactor: true, only: sessionId };
        if (sessionId !== null) await this.rows.markSessions(tx, person.id, marked);
        this.#record(tx, caller, person, 'second_factor.enabled');
      });
    });
    this.#notify(person, 'enabled');
    return codes;
  }

  async remove(caller: Caller, shown: FactorProof): Promise<void> {
    await this.#change(caller, shown, 'disabled', async (tx, { id }) => {
      await this.rows.remove(tx, id, this.clock.now());
      await this.rows.markSessions(tx, id, { hasSecondFactor: false, only: null });
    });
  }

  /** Gives new recovery codes, for once; the old ones are void. */
  async replaceRecoveryCodes(caller: Caller, shown: FactorProof): Promise<readonly string[]> {
    const codes = this.recovery.generate();
    await this.#change(caller, shown, 'recovery_codes_replaced', (tx, { id }) =>
      this.rows.replaceRecoveryCodes(tx, id, { codes: this.#digests(codes), at: this.clock.now() }),
    );
    return codes;
  }

  async #change(
    caller: Caller,
    { password, code }: FactorProof,
    change: Extract<SecondFactorChange, 'disabled' | 'recovery_codes_replaced'>,
    work: (tx: PlatformTransaction, person: Person) => Promise<void>,
  ): Promise<void> {
    const { person } = await this.holders.of(caller);
    if (!person.totpConfirmedAt) throw new SecondFactorMissing();
    const claim = { email: person.email, password, code };
    await this.proof.show(claim, caller.origin.ip, (proof) =>
      this.database.acrossTenants(REASON, async (tx) => {
        await this.proof.uphold(tx, proof);
        await work(tx, person);
        this.#record(tx, caller, person, `second_factor.${change}`);
      }),
    );
    this.#notify(person, change);
  }

  #digests(codes: readonly string[]): Uint8Array[] {
    return codes.map((code) => this.recovery.digest(code)).filter((digest) => digest !== null);
  }

  #record(
    tx: PlatformTransaction,
    caller: Caller,
    person: Person,
    deed: `second_factor.${string}`,
  ): void {
    this.records.ofCaller(tx, caller, { deed, target: personTarget(person) });
  }

  #notify({ email: to }: Person, change: SecondFactorChange): void {
    this.background.notify(secondFactorChangedMail({ to, at: this.clock.now(), change }));
  }
}
