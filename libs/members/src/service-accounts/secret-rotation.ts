import { Injectable } from '@nestjs/common';

import { type Caller, Granting } from '@tenantry/access';
import { rolesHeld } from '../member.js';
import { AccountAlteration } from './account-alteration.js';
import { ClientCredentials, type NewSecret } from './client-credentials.js';
import { ServiceAccountsRepository } from './service-accounts.repository.js';

/** Gives service accounts new secrets. */
@Injectable()
export class SecretRotation {
  constructor(
    private readonly accounts: ServiceAccountsRepository,
    private readonly alteration: AccountAlteration,
    private readonly granting: Granting,
    private readonly credentials: ClientCredentials,
  ) {}

  /** The secret so far stays good for the overlap; whoever learns the new one can be the account. */
  async rotate(caller: Caller, id: string, overlapSeconds: number): Promise<NewSecret> {
    const secret = this.credentials.newSecret();
    await this.alteration.alter(caller, id, async (tx, account) => {
      await this.granting.assertReachable(caller, tx, rolesHeld(account));
      const until = await this.accounts.rotate(tx, id, secret.digest, overlapSeconds);
      await this.accounts.update(tx, id, {});
      this.alteration.tell(tx, caller, account, {
        deed: 'service_account.rotated',
        changes: { previousUntil: { after: until?.toISOString() ?? null } },
      });
    });
    return secret;
  }
}
