import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';

const SEAL = `
  insert into vault_seals (tenant_id, sealed_at, sealed_by, reason)
  values ($1::uuid, $2::timestamptz, $3, $4) on conflict (tenant_id) do nothing returning 1`;
const UNSEAL = 'delete from vault_seals where tenant_id = $1::uuid returning 1';

/** Locks a tenant's vault, so that nobody reveals anything of it, and opens it again. */
@Injectable()
export class VaultSeals {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Of one that is sealed already, does nothing: it stays as it was sealed first. */
  async seal(caller: Caller, reason: string | null): Promise<void> {
    const at = this.clock.now().toISOString();
    await this.#alter(caller, SEAL, [at, caller.actor.id, reason], {
      deed: 'vault.sealed',
      changes: { state: { before: 'open', after: 'sealed' } },
      ...(reason === null ? {} : { reason }),
    });
  }

  /** Of one that is open, does nothing. */
  async unseal(caller: Caller): Promise<void> {
    await this.#alter(caller, UNSEAL, [], {
      deed: 'vault.unsealed',
      changes: { state: { before: 'sealed', after: 'open' } },
    });
  }

  /** On record only where something has changed. */
  async #alter(
    caller: Caller,
    statement: string,
    values: readonly unknown[],
    deed: Omit<Deed, 'target'>,
  ): Promise<void> {
    await this.database.within(caller.scope, async (tx) => {
      const changed = await tx.query(statement, [tx.tenantId, ...values]);
      if (changed.length === 0) return;
      const target = { kind: 'vault', id: tx.tenantId };
      this.audit.record(tx, caller, { ...deed, target });
    });
  }
}
