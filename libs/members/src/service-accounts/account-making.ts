import { Injectable } from '@nestjs/common';

import { type Caller, Granting } from '@tenantry/access';
import { newId } from '@tenantry/kernel';
import { rolesGiven } from '../member-alteration.js';
import { AccountAlteration } from './account-alteration.js';
import { ClientCredentials, type NewSecret } from './client-credentials.js';
import type { NewServiceAccount } from './service-account.js';
import { ServiceAccountLimitReached } from './service-accounts.errors.js';
import { ServiceAccountsRepository } from './service-accounts.repository.js';

const ACCOUNTS_MAX = 1_000;

/** Makes service accounts. */
@Injectable()
export class AccountMaking {
  constructor(
    private readonly accounts: ServiceAccountsRepository,
    private readonly granting: Granting,
    private readonly alteration: AccountAlteration,
    private readonly credentials: ClientCredentials,
  ) {}

  /** Answers the id, and the secret that nobody is shown again. */
  async make(
    caller: Caller,
    account: NewServiceAccount,
  ): Promise<{ readonly id: string; readonly secret: NewSecret }> {
    const id = newId();
    const clientId = this.credentials.newClientId();
    const secret = this.credentials.newSecret();
    await this.alteration.locked(caller, async (tx) => {
      await this.granting.assertGrantable(caller, tx, rolesGiven(account.roles, account.grants));
      if ((await this.accounts.count(tx)) >= ACCOUNTS_MAX) throw new ServiceAccountLimitReached();
      await this.accounts.insert(tx, { id, clientId, digest: secret.digest }, account);
      const { name, roles, grants } = account;
      this.alteration.tell(
        tx,
        caller,
        { id, name },
        {
          deed: 'service_account.created',
          changes: { name: { after: name }, roles: { after: roles }, grants: { after: grants } },
        },
      );
    });
    return { id, secret };
  }
}
