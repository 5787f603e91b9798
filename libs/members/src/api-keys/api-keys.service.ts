import { Injectable } from '@nestjs/common';

import { type Caller, Granting } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import type { TenantTransaction } from '@tenantry/database';
import { isUuid, newId } from '@tenantry/kernel';
import { rolesHeld } from '../member.js';
import { AccountAlteration } from '../service-accounts/account-alteration.js';
import { ServiceAccountSuspended } from '../service-accounts/service-accounts.errors.js';
import type { ApiKey, NewApiKey } from './api-key.js';
import { ApiKeyLimitReached, ApiKeyNotFound } from './api-keys.errors.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import type { MintedKey } from './key-digests.js';

const KEYS_MAX = 20;

/** Whose key: a caller speaks of one account. */
export interface OfAccount {
  readonly caller: Caller;
  readonly accountId: string;
}

/** Issues and revokes the keys of service accounts. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly alteration: AccountAlteration,
    private readonly keys: ApiKeysRepository,
    private readonly granting: Granting,
    private readonly audit: AuditTrail,
  ) {}

  /** Whoever learns the key can be the account, and so must hold whatever that holds. */
  async issue(
    { caller, accountId }: OfAccount,
    key: NewApiKey,
    minted: MintedKey,
  ): Promise<ApiKey> {
    return this.alteration.alter(caller, accountId, async (tx, account) => {
      await this.granting.assertReachable(caller, tx, rolesHeld(account));
      // Or it would come to life by the reactivation.
      if (account.status !== 'active') throw new ServiceAccountSuspended();
      if ((await this.keys.count(tx, accountId)) >= KEYS_MAX) throw new ApiKeyLimitReached();
      const id = newId();
      await this.keys.insert(tx, { id, memberId: accountId }, key, minted);
      const { name, expiresAt } = key;
      this.audit.record(tx, caller, {
        deed: 'api_key.created',
        target: { kind: 'api_key', id, name },
        changes: {
          serviceAccountId: { after: accountId },
          expiresAt: { after: expiresAt?.toISOString() ?? null },
        },
      });
      return this.#found(tx, accountId, id);
    });
  }

  async revoke({ caller, accountId }: OfAccount, id: string): Promise<void> {
    if (!isUuid(id)) throw new ApiKeyNotFound();
    await this.alteration.alter(caller, accountId, async (tx, account) => {
      const { name } = await this.#found(tx, accountId, id);
      await this.granting.assertAlterable(caller, tx, rolesHeld(account));
      await this.keys.delete(tx, id);
      this.audit.record(tx, caller, {
        deed: 'api_key.revoked',
        target: { kind: 'api_key', id, name },
        changes: { serviceAccountId: { before: accountId } },
      });
      tx.announce({ kind: 'api_key', id, tenantId: tx.tenantId });
    });
  }

  async #found(tx: TenantTransaction, accountId: string, id: string): Promise<ApiKey> {
    const key = await this.keys.find(tx, accountId, id);
    if (!key) throw new ApiKeyNotFound();
    return key;
  }
}
