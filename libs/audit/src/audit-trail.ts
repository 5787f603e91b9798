import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database, type PlatformTransaction, type TenantTransaction } from '@tenantry/database';
import { type DomainError, PLATFORM_ID } from '@tenantry/kernel';
import type { Deed, Doer } from './deed.js';
import { recordOf, type RecordContext } from './record.js';

const UNAUTHENTICATED_DEED = 'access.unauthenticated';

/** A refusal, and the route that refused. */
export interface Refusal {
  readonly error: DomainError;
  /** Method and pattern: `GET /v1/tenants/:tenant/issuers`. */
  readonly route: string;
  readonly count?: number;
}

/** Puts deeds and refusals on record. */
@Injectable()
export class AuditTrail {
  constructor(private readonly database: Database) {}

  /** A deed within a tenant, or within the platform, in the transaction that does it. */
  record(tx: TenantTransaction, doer: Doer, deed: Deed): void {
    const tenantId = tx.tenantId === PLATFORM_ID ? null : tx.tenantId;
    append(tx, tx.tenantId, deed, { doer, outcome: 'done', tenantId });
  }

  /** A deed upon one tenant, on that tenant's trail; upon none (`null`), on the platform's. */
  recordUpon(tx: PlatformTransaction, doer: Doer, tenantId: string | null, deed: Deed): void {
    append(tx, tenantId ?? PLATFORM_ID, deed, { doer, outcome: 'done', tenantId });
  }

  /** A deed outside every tenant. */
  recordOnPlatform(tx: PlatformTransaction, doer: Doer, deed: Deed): void {
    this.recordUpon(tx, doer, null, deed);
  }

  /**
   * A refusal of somebody known, in a transaction of its own: the caller's would take it along.
   * It stands on the trail of the caller's own tenant, never of the one that was reached for.
   */
  async recordRefusal(caller: Caller, { error, route, count = 1 }: Refusal): Promise<void> {
    const tenantId = caller.tenant?.id ?? null;
    const deed: Deed = {
      deed: 'access.refused',
      target: { kind: 'route', id: route },
      reason: error.code,
    };
    await this.database.acrossTenants('audit-refusal', (tx) => {
      append(tx, tenantId ?? PLATFORM_ID, deed, {
        doer: caller,
        outcome: 'refused',
        tenantId,
        count,
      });
      return Promise.resolve();
    });
  }

  /** Refusals of nobody known: one record for all that were alike. */
  async recordUnauthenticated(doer: Doer, counts: ReadonlyMap<string, number>): Promise<void> {
    await this.database.acrossTenants('audit-unauthenticated', (tx) => {
      for (const [reason, count] of counts) {
        const deed: Deed = {
          deed: UNAUTHENTICATED_DEED,
          target: { kind: 'platform', id: 'tenantry' },
          reason,
        };
        append(tx, PLATFORM_ID, deed, { doer, outcome: 'refused', tenantId: null, count });
      }
      return Promise.resolve();
    });
  }
}

function append(tx: PlatformTransaction, trail: string, deed: Deed, context: RecordContext): void {
  const { record, personal } = recordOf(deed, context);
  tx.record({ trail, id: record.id, record, personal });
}
