import { Injectable } from '@nestjs/common';

import {
  type CheckedEnrolment,
  type Enrolment,
  type KnownPerson,
  PersonRegistry,
} from '@tenantry/access';
import type { PlatformTransaction, TenantTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { SigninRefused } from '../login/login.errors.js';
import { NewPasswords } from '../login/new-passwords.js';
import { PersonProof } from '../login/person-proof.js';
import { PasswordRefused } from '../passwords/passwords.errors.js';
import { PeopleRepository } from './people.repository.js';
import type { Person } from './person.js';

const POINTER = '/password';

/** The people with accounts of their own, for the features that give them something to do. */
@Injectable()
export class PeopleRegistry extends PersonRegistry {
  constructor(
    private readonly people: PeopleRepository,
    private readonly proof: PersonProof,
    private readonly passwords: NewPasswords,
    private readonly clock: Clock,
  ) {
    super();
  }

  async check(enrolment: Enrolment): Promise<CheckedEnrolment> {
    const { email, password, code, ip, displayName = null } = enrolment;
    if (password === undefined) {
      throw new PasswordRefused(
        POINTER,
        'is required: that of the account with this address, or one for the account to be made',
      );
    }
    const known = await this.people.findForSignIn(email, this.clock.now());
    if (known?.passwordHash) {
      await this.proof.showNow({ email, password, code }, ip);
      return { email, displayName, passwordHash: null };
    }
    const passwordHash = await this.passwords.hash(password, { email, pointer: POINTER });
    return { email, displayName, passwordHash };
  }

  async enrol(
    tx: TenantTransaction | PlatformTransaction,
    enrolment: CheckedEnrolment,
  ): Promise<KnownPerson> {
    // Of an account nothing is a tenant's own: its row lies across them.
    const person = await ('acrossTenants' in tx
      ? tx.acrossTenants('enrolment', () => this.#enrol(tx, enrolment))
      : this.#enrol(tx, enrolment));
    // Outside of the crossing: a refusal aborts the transaction either way.
    if (!person) throw new SigninRefused();
    return { id: person.id, email: person.email, displayName: person.displayName };
  }

  async find(id: string): Promise<KnownPerson | null> {
    const person = await this.people.find(id);
    return person && { id: person.id, email: person.email, displayName: person.displayName };
  }

  /** Null where somebody else has set a password since it was asked for, or where the account is gone. */
  async #enrol(
    tx: PlatformTransaction,
    { email, displayName, passwordHash }: CheckedEnrolment,
  ): Promise<Person | null> {
    const at = this.clock.now();
    const known = await this.people.lockByEmail(tx, email);
    if (passwordHash === null) return known?.passwordHash ? this.#verified(tx, known, at) : null;
    if (known) return this.#completed(tx, known, { passwordHash, at });
    await this.people.insert(tx, { email, displayName, passwordHash, at });
    // Another one may have come in between, whose row it is then.
    const made = await this.people.lockByEmail(tx, email);
    return made?.passwordHash === passwordHash ? made : null;
  }

  async #verified(tx: PlatformTransaction, person: Person, at: Date): Promise<Person> {
    await this.people.verifyEmail(tx, person.id, at);
    return person;
  }

  /** Gives an account its first password, and never another one. */
  async #completed(
    tx: PlatformTransaction,
    person: Person,
    { passwordHash, at }: { readonly passwordHash: string; readonly at: Date },
  ): Promise<Person | null> {
    if (person.passwordHash !== null) return null;
    await this.people.setPassword(tx, person.id, { passwordHash, at });
    return this.#verified(tx, person, at);
  }
}
