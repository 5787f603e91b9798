import { Injectable } from '@nestjs/common';

import { type Caller, Granting, SessionDirectory } from '@tenantry/access';
import type { FieldChange } from '@tenantry/audit';
import { assertRevision, type ExpectedRevision } from '@tenantry/http';
import { rolesHeld } from '../member.js';
import { rolesGiven } from '../member-alteration.js';
import { AccountAlteration } from './account-alteration.js';
import type { ServiceAccount, ServiceAccountChanges } from './service-account.js';
import { ServiceAccountsRepository } from './service-accounts.repository.js';

/** Changes service accounts, shuts them out, and removes them. */
@Injectable()
export class AccountChanges {
  constructor(
    private readonly accounts: ServiceAccountsRepository,
    private readonly alteration: AccountAlteration,
    private readonly granting: Granting,
    private readonly sessions: SessionDirectory,
  ) {}

  async change(
    caller: Caller,
    id: string,
    given: { readonly changes: ServiceAccountChanges; readonly expected: ExpectedRevision },
  ): Promise<void> {
    const { changes, expected } = given;
    await this.alteration.alter(caller, id, async (tx, account) => {
      assertRevision(expected, account.revision);
      await this.granting.assertAlterable(caller, tx, rolesHeld(account));
      await this.granting.assertGrantable(caller, tx, rolesGiven(changes.roles, changes.grants));
      await this.accounts.update(tx, id, changes);
      this.alteration.tell(tx, caller, account, {
        deed: 'service_account.changed',
        changes: changesOf(account, changes),
      });
    });
  }

  /** Its keys end for good; its secret is good again when it is reactivated. */
  async suspend(caller: Caller, id: string): Promise<void> {
    await this.alteration.alter(caller, id, async (tx, account) => {
      await this.granting.assertAlterable(caller, tx, rolesHeld(account));
      if (account.status === 'suspended') return;
      await this.accounts.update(tx, id, { status: 'suspended' });
      const keys = await this.accounts.endKeys(tx, id);
      await this.sessions.endOfMember(tx, id, 'suspended');
      this.alteration.tell(tx, caller, account, {
        deed: 'service_account.suspended',
        changes: {
          status: { before: 'active', after: 'suspended' },
          keys: { before: keys, after: 0 },
        },
      });
    });
  }

  /** Gives back what it held, and so asks of the caller what giving that asks. */
  async reactivate(caller: Caller, id: string): Promise<void> {
    await this.alteration.alter(caller, id, async (tx, account) => {
      await this.granting.assertReachable(caller, tx, rolesHeld(account));
      if (account.status === 'active') return;
      await this.accounts.update(tx, id, { status: 'active' });
      this.alteration.tell(tx, caller, account, {
        deed: 'service_account.reactivated',
        changes: { status: { before: 'suspended', after: 'active' } },
      });
    });
  }

  async remove(caller: Caller, id: string, expected: ExpectedRevision): Promise<void> {
    await this.alteration.alter(caller, id, async (tx, account) => {
      assertRevision(expected, account.revision);
      await this.granting.assertAlterable(caller, tx, rolesHeld(account));
      await this.sessions.endOfMember(tx, id, 'removed');
      await this.accounts.delete(tx, id);
      this.alteration.tell(tx, caller, account, { deed: 'service_account.removed' });
    });
  }
}

const FIELDS = ['name', 'roles', 'grants'] as const;

function changesOf(
  account: ServiceAccount,
  changes: ServiceAccountChanges,
): Record<string, FieldChange> {
  return Object.fromEntries(
    FIELDS.filter((field) => changes[field] !== undefined).map((field) => [
      field,
      { before: account[field], after: changes[field] },
    ]),
  );
}
