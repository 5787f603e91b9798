import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { PeopleRepository } from '../people/people.repository.js';
import type { Person } from '../people/person.js';
import { AccountNone } from './account.errors.js';

/** A person who is signed in with their own account. */
export interface AccountHolder {
  readonly person: Person;
  readonly sessionId: string | null;
}

/** Finds whose account a caller may call their own. */
@Injectable()
export class AccountHolders {
  constructor(private readonly people: PeopleRepository) {}

  /** Throws `AccountNone`. */
  async of({ actor }: Caller): Promise<AccountHolder> {
    const { kind, personId, sessionId } = actor;
    const person = kind === 'person' && personId !== null ? await this.people.find(personId) : null;
    if (!person) throw new AccountNone();
    return { person, sessionId };
  }
}
