import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { isUuid } from '@tenantry/kernel';
import { isActiveAdmin } from '../member.js';
import { LastAdmin } from '../members.errors.js';
import { MembersRepository } from '../members.repository.js';
import type { ServiceAccount } from './service-account.js';
import { ServiceAccountNotFound } from './service-accounts.errors.js';
import { ServiceAccountsRepository } from './service-accounts.repository.js';

/** What is done to one account, in the transaction in which that is possible. */
export type Work<Result> = (tx: TenantTransaction, account: ServiceAccount) => Promise<Result>;

/** The one way to do something to a service account: locked, never without a last admin, on record. */
@Injectable()
export class AccountAlteration {
  constructor(
    private readonly database: Database,
    private readonly members: MembersRepository,
    private readonly accounts: ServiceAccountsRepository,
    private readonly audit: AuditTrail,
  ) {}

  /** One alteration at a time in a tenant, so that two cannot each spare the other's admin. */
  async alter<Result>(caller: Caller, id: string, work: Work<Result>): Promise<Result> {
    if (!isUuid(id)) throw new ServiceAccountNotFound();
    return this.locked(caller, async (tx) => {
      const account = await this.accounts.find(tx, id);
      if (!account) throw new ServiceAccountNotFound();
      const result = await work(tx, account);
      if (isActiveAdmin(account)) await this.#assertStillAdministered(tx, id);
      return result;
    });
  }

  /** Runs `work` while nothing else is done to this tenant's members. */
  async locked<Result>(
    { scope }: Caller,
    work: (tx: TenantTransaction) => Promise<Result>,
  ): Promise<Result> {
    return this.database.within(scope, async (tx) => {
      await this.members.lockAll(tx);
      return work(tx);
    });
  }

  /** Puts a deed on record, and has every node drop what it knows of the account. */
  tell(
    tx: TenantTransaction,
    caller: Caller,
    { id, name }: Pick<ServiceAccount, 'id' | 'name'>,
    deed: Pick<Deed, 'changes'> & { readonly deed: `service_account.${string}` },
  ): void {
    this.audit.record(tx, caller, { ...deed, target: { kind: 'service_account', id, name } });
    tx.announce({ kind: 'member', id, tenantId: tx.tenantId });
  }

  async #assertStillAdministered(tx: TenantTransaction, id: string): Promise<void> {
    const altered = await this.accounts.find(tx, id);
    if (altered && isActiveAdmin(altered)) return;
    if ((await this.members.countOtherAdmins(tx, id)) === 0) throw new LastAdmin();
  }
}
