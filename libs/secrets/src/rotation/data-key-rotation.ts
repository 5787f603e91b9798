import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { DataKeys } from '../keys/data-keys.js';

/** A key-encryption key may be replaced while the new data key is drawn; not again and again. */
const ATTEMPTS_MAX = 5;

const STANDING = `
  select id, state from data_keys
  where tenant_id = $1::uuid and state in ('active', 'retiring') order by id`;

// Waits for whoever is saving under it: afterwards nothing new is sealed with it.
const RETIRE = `
  update data_keys set state = 'retiring' where tenant_id = $1::uuid and id = $2::uuid returning 1`;

const COUNT = `
  update data_keys set rewraps = (
    select count(*) from secret_versions v
    where v.tenant_id = $1::uuid and v.data_key_id = $2::uuid and v.sealed is not null)
  where tenant_id = $1::uuid and id = $3::uuid returning rewraps`;

interface Standing {
  readonly id: string;
  readonly state: 'active' | 'retiring';
}

/** The new key did not come to be anybody's: everything is as it was. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/** Replaces the key that a tenant's values are sealed under. */
@Injectable()
export class DataKeyRotation {
  constructor(
    private readonly database: Database,
    private readonly keys: DataKeys,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A new key takes over, and the values are sealed under it in time. Does nothing where that is
   * going on already, and where there is no key to replace. Throws `VaultSealed`.
   */
  async begin(caller: Caller): Promise<void> {
    const { scope } = caller;
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const standing = await this.database.query<Standing>(scope, STANDING, [scope.tenantId]);
      if (!replaceable(standing)) return;
      if (await this.#attempt(caller)) return;
    }
    throw new Error('A data key could not be replaced: its key-encryption key was, each time.');
  }

  async #attempt(caller: Caller): Promise<boolean> {
    const { scope } = caller;
    const key = await this.keys.draw(scope.tenantId);
    try {
      await this.database.within(scope, (tx) => this.#takeOver(tx, caller, key));
      return true;
    } catch (error) {
      if (error instanceof Overtaken) return false;
      throw error;
    }
  }

  async #takeOver(
    tx: TenantTransaction,
    caller: Caller,
    key: Awaited<ReturnType<DataKeys['draw']>>,
  ): Promise<void> {
    const { tenantId } = tx;
    const before = replaceable(await tx.query<Standing>(`${STANDING} for update`, [tenantId]));
    if (!before) return;
    await tx.query(RETIRE, [tenantId, before]);
    if (!(await this.keys.replace(tx, key))) throw new Overtaken();
    const [counted] = await tx.query<{ rewraps: number }>(COUNT, [tenantId, before, key.id]);
    this.audit.record(tx, caller, {
      deed: 'vault.rewrap_begun',
      target: { kind: 'data_key', id: key.id },
      changes: {
        keyId: { before, after: key.id },
        kekId: { after: key.kekId },
        versions: { after: counted?.rewraps ?? 0 },
      },
    });
  }
}

/** Id of the key that may be replaced now. */
function replaceable(standing: readonly Standing[]): string | undefined {
  if (standing.some(({ state }) => state === 'retiring')) return undefined;
  return standing.find(({ state }) => state === 'active')?.id;
}
