import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import {
  type AuditEntry,
  Database,
  type PlatformTransaction,
  type TenantTransaction,
} from '@tenantry/database';
import { type DomainError, PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import { canonicalJson, sha256 } from '@tenantry/verify-audit';
import type { Deed, Doer, Outcome } from './deed.js';
import { recordOf, type RecordContext } from './record.js';

const UNAUTHENTICATED_DEED = 'access.unauthenticated';

/** A refusal, and the route that refused. */
export interface Refusal {
  readonly error: DomainError;
  /** Method and pattern: `GET /v1/tenants/:tenant/issuers`. */
  readonly route: string;
  /** What was asked for, where the route alone does not tell. */
  readonly deed?: Deed;
  readonly count?: number;
}

const APPEND_ALL = `
  select append_audit($1::uuid, entry.id, entry.record, entry.content, entry.personal)
  from unnest($2::uuid[], $3::jsonb[], $4::bytea[], $5::jsonb[])
    as entry(id, record, content, personal)`;

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
   * Deeds that change nothing but the trail, within a tenant, in one round trip: on record before
   * the call returns.
   */
  async recordNow(scope: TenantScope, doer: Doer, deeds: readonly Deed[]): Promise<void> {
    const { tenantId } = scope;
    const entries = deeds.map((deed) =>
      entryOf(tenantId, deed, { doer, outcome: 'done', tenantId }),
    );
    await this.database.query(scope, APPEND_ALL, [
      tenantId,
      entries.map(({ id }) => id),
      entries.map(({ record }) => record),
      entries.map(({ content }) => content),
      entries.map(({ personal }) => personal),
    ]);
  }

  /**
   * A refusal of somebody known, in a transaction of its own: the caller's would take it along.
   * It stands on the trail of the caller's own tenant, never of the one that was reached for.
   */
  async recordRefusal(caller: Caller, refusal: Refusal): Promise<void> {
    const { error, route, count = 1 } = refusal;
    const tenantId = caller.tenant?.id ?? null;
    const deed: Deed = {
      ...(refusal.deed ?? { deed: 'access.refused', target: { kind: 'route', id: route } }),
      reason: error.code,
    };
    await this.database.acrossTenants('audit-refusal', (tx) => {
      append(tx, tenantId ?? PLATFORM_ID, deed, {
        doer: caller,
        outcome: outcomeOf(error),
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

/** Whoever may not was refused; whoever might, but could not, failed. */
function outcomeOf({ kind }: DomainError): Outcome {
  return kind === 'forbidden' || kind === 'exhausted' ? 'refused' : 'failed';
}

function append(tx: PlatformTransaction, trail: string, deed: Deed, context: RecordContext): void {
  tx.record(entryOf(trail, deed, context));
}

function entryOf(trail: string, deed: Deed, context: RecordContext): AuditEntry {
  const { record, personal } = recordOf(deed, context);
  const canonical = canonicalJson(record);
  return {
    trail,
    id: record.id,
    record: canonical,
    content: sha256(canonical),
    personal: JSON.stringify(personal),
  };
}
