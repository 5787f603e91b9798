import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { passwordChangedMail } from '@tenantry/mail';
import { AccountHolders } from '../account/account-holders.js';
import { PeopleRepository } from '../people/people.repository.js';
import type { Person } from '../people/person.js';
import { Sessions } from '../sessions/sessions.js';
import { Background } from './background.js';
import { NewPasswords } from './new-passwords.js';
import { PersonProof } from './person-proof.js';
import { ResetTokens } from './reset-tokens.js';
import { personTarget, SigninRecords } from './signin-records.js';

const POINTER = '/newPassword';

/** A password that takes the place of another one. */
export interface Replacement {
  readonly person: Person;
  readonly passwordHash: string;
  readonly reason: 'password_changed' | 'password_reset';
  /** The session that goes on: of whoever has just shown the old password. */
  readonly except: string | null;
}

/** Gives accounts another password. */
@Injectable()
export class PasswordChanges {
  constructor(
    private readonly database: Database,
    private readonly holders: AccountHolders,
    private readonly proof: PersonProof,
    private readonly passwords: NewPasswords,
    // More than the usual four: whatever hangs on a password changes with it.
    private readonly people: PeopleRepository,
    private readonly sessions: Sessions,
    private readonly resets: ResetTokens,
    private readonly records: SigninRecords,
    private readonly background: Background,
    private readonly clock: Clock,
  ) {}

  /** Throws `AccountNone`, `PasswordRefused`, `SigninRefused`, `Throttled`. */
  async change(
    caller: Caller,
    {
      currentPassword,
      newPassword,
    }: { readonly currentPassword: string; readonly newPassword: string },
  ): Promise<void> {
    const { person, sessionId } = await this.holders.of(caller);
    const owner = { email: person.email, pointer: POINTER };
    // Before the old one is looked at: a weak new one is no guess at anything.
    this.passwords.check(newPassword, owner);
    const claim = { email: person.email, password: currentPassword, code: undefined };
    await this.proof.show({ ...claim, isPasswordEnough: true }, caller.origin.ip, async (proof) => {
      const passwordHash = await this.passwords.hash(newPassword, owner);
      await this.database.acrossTenants('password-change', async (tx) => {
        await this.proof.uphold(tx, proof);
        const reason = 'password_changed';
        await this.replace(tx, { person, passwordHash, reason, except: sessionId });
        this.records.ofCaller(tx, caller, {
          deed: 'password.changed',
          target: personTarget(person),
        });
      });
    });
    this.notify(person);
  }

  /** Nothing that rested on the old password outlives it: no session, and no open way to reset it. */
  async replace(
    tx: PlatformTransaction,
    { person, passwordHash, reason, except }: Replacement,
  ): Promise<void> {
    const at = this.clock.now();
    // The account first: a sign-in that holds it is through by then, and its session is seen below.
    await this.people.setPassword(tx, person.id, { passwordHash, at });
    await this.resets.voidAll(tx, person.id);
    await this.sessions.endOfPerson(tx, person.id, { reason, except });
  }

  notify({ email: to }: Person): void {
    this.background.notify(passwordChangedMail({ to, at: this.clock.now() }));
  }
}
