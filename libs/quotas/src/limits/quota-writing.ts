import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed, type FieldChange } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import {
  assertRevision,
  type ExpectedRevision,
  RequestInvalid,
  RevisionStale,
} from '@tenantry/http';
import type { QuotaSpec } from '../limit.js';
import { QuotaExists, QuotaFixed, QuotaLimitReached, QuotaNotFound } from './limits.errors.js';
import { columnsOf, specOf } from './quota-columns.js';
import { type OwnRow, QuotasRepository } from './quotas.repository.js';
import type { WantedQuota } from './wanted-quota.js';

const KINDS_MAX = 100;

/** What must hold of a quota before it is written. */
export interface QuotaCondition {
  readonly expected: ExpectedRevision;
  /** Whether there must be none yet. */
  readonly isNew: boolean;
}

/** Says what a tenant is allowed, beside what its plan says. What was spent already stays spent. */
@Injectable()
export class QuotaWriting {
  constructor(
    private readonly database: Database,
    private readonly quotas: QuotasRepository,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * Answers whether it is new. Throws `QuotaFixed`, `QuotaExists`, `RevisionStale` or
   * `QuotaLimitReached`.
   */
  async set(
    caller: Caller,
    kind: string,
    wanted: WantedQuota,
    condition: QuotaCondition,
  ): Promise<boolean> {
    return this.database.within(caller.scope, async (tx) => {
      const own = await this.quotas.lock(tx, kind);
      const isFixedByPlan = await this.quotas.isFixedByPlan(tx, kind);
      const fixed = fixedBy(caller, wanted.fixed, { isFixedByPlan, isFixed: own?.fixed ?? false });
      await this.#assertSavable(tx, own, condition);
      const columns = columnsOf({ ...wanted, fixed });
      // Both as they are kept: windows in one order, classes of a request left behind.
      const [before, after] = [own && specOf(own), specOf(columns)];
      if (isDeepStrictEqual(before, after)) return false;
      await this.quotas.save(tx, kind, columns);
      this.#tell(tx, caller, kind, { deed: 'quota.set', changes: changesOf(before, after) });
      return own === null;
    });
  }

  /** From then on its plan's holds, or none. Throws `QuotaNotFound`, `QuotaFixed` or `RevisionStale`. */
  async remove(caller: Caller, kind: string, expected: ExpectedRevision): Promise<void> {
    await this.database.within(caller.scope, async (tx) => {
      const own = await this.quotas.lock(tx, kind);
      if (!own) throw new QuotaNotFound();
      if (own.fixed && !caller.actor.isPlatform) throw new QuotaFixed();
      assertRevision(expected, own.revision);
      await this.quotas.delete(tx, kind);
      const changes = changesOf(specOf(own), null);
      this.#tell(tx, caller, kind, { deed: 'quota.removed', changes });
    });
  }

  async #assertSavable(
    tx: TenantTransaction,
    own: OwnRow | null,
    { expected, isNew }: QuotaCondition,
  ): Promise<void> {
    if (own) {
      if (isNew) throw new QuotaExists();
      assertRevision(expected, own.revision);
      return;
    }
    // RFC 9110 §13.1.1: of nothing, no revision is the current one.
    if (expected !== null) throw new RevisionStale();
    if ((await this.quotas.count(tx)) >= KINDS_MAX) throw new QuotaLimitReached(KINDS_MAX);
  }

  /** Every node forgets the limits of the tenant. */
  #tell(
    tx: TenantTransaction,
    caller: Caller,
    kind: string,
    deed: Pick<Deed, 'deed' | 'changes'>,
  ): void {
    this.audit.record(tx, caller, { ...deed, target: { kind: 'quota', id: kind } });
    tx.announce({ kind: 'quota', id: tx.tenantId, tenantId: tx.tenantId });
  }
}

/** Whether it will be fixed: the platform's to say, and from then on the platform's to change. */
function fixedBy(
  { actor }: Caller,
  wanted: boolean | undefined,
  { isFixedByPlan, isFixed }: { readonly isFixedByPlan: boolean; readonly isFixed: boolean },
): boolean {
  if (!actor.isPlatform && (isFixedByPlan || isFixed || wanted === true)) throw new QuotaFixed();
  const fixed = wanted ?? isFixedByPlan;
  if (!isFixedByPlan || fixed) return fixed;
  // It would be kept, and never hold: the plan's stands before whatever is not fixed.
  throw new RequestInvalid([{ pointer: '/fixed', message: 'must be true: the plan’s is fixed' }]);
}

function changesOf(before: QuotaSpec | null, after: QuotaSpec | null): Record<string, FieldChange> {
  const fields = ['rate', 'windows', 'concurrency', 'mode', 'thresholds', 'fixed'] as const;
  return Object.fromEntries(
    fields
      .filter((field) => !isDeepStrictEqual(before?.[field], after?.[field]))
      .map((field) => [field, { before: before?.[field] ?? null, after: after?.[field] ?? null }]),
  );
}
