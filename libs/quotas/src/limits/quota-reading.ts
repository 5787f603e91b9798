import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import type { TenantScope } from '@tenantry/kernel';
import { QuotaEngine, type RemainingQuota } from '../engine/quota-engine.js';
import type { LimitName, QuotaSpec } from '../limit.js';
import { QuotasUnavailable } from '../quotas.errors.js';
import { QuotaNotFound } from './limits.errors.js';
import type { Quota, Remaining } from './quota.js';
import { specOf } from './quota-columns.js';
import { type EffectiveRow, QuotasRepository } from './quotas.repository.js';

const LIST = 'quotas';

/** Shows which limits a tenant has, whoever set them, and what there is of each. */
@Injectable()
export class QuotaReading {
  constructor(
    private readonly quotas: QuotasRepository,
    private readonly engine: QuotaEngine,
    private readonly cursors: CursorCodec,
  ) {}

  /** By kind. */
  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Quota>> {
    const after = cursor ? String(this.cursors.decode(LIST, scope.tenantId, cursor)[0]) : null;
    const filter = { after, kind: null, limit: limit + 1 };
    const [rows, stands] = await Promise.all([
      this.quotas.effective(scope, filter),
      this.#stands(scope),
    ]);
    return pageOf(
      rows,
      limit,
      (row) => quotaOf(row, stands),
      ({ kind }) => this.cursors.encode(LIST, scope.tenantId, [kind]),
    );
  }

  /** Throws `QuotaNotFound`. */
  async get({ scope }: Caller, kind: string): Promise<Quota> {
    const [[row], stands] = await Promise.all([
      this.quotas.effective(scope, { after: null, kind, limit: 1 }),
      this.#stands(scope),
    ]);
    if (!row) throw new QuotaNotFound();
    return quotaOf(row, stands);
  }

  /** Where each limit stands. What is allowed can be said although nobody can say what is left. */
  async #stands(scope: TenantScope): Promise<ReadonlyMap<string, RemainingQuota>> {
    try {
      const found = await this.engine.remaining(scope);
      return new Map(found.map((one) => [placeOf(one.kind, one.name), one]));
    } catch (error) {
      if (error instanceof QuotasUnavailable) return new Map();
      throw error;
    }
  }
}

function quotaOf(row: EffectiveRow, stands: ReadonlyMap<string, RemainingQuota>): Quota {
  const { kind, source, revision, createdAt, updatedAt, slotsInUse } = row;
  const spec = specOf(row);
  const remaining: Remaining[] = quotasOf(spec).map(([limit, quota]) => {
    const found = stands.get(placeOf(kind, limit));
    const { available = null, lent = 0, resetSeconds = null } = found ?? {};
    return { limit, quota, remaining: available, lent, resetSeconds };
  });
  if (spec.concurrency && slotsInUse !== null) {
    const { limit: quota } = spec.concurrency;
    const free = Math.max(0, quota - slotsInUse);
    remaining.push({ limit: 'concurrency', quota, remaining: free, lent: 0, resetSeconds: null });
  }
  return { ...spec, kind, source, remaining, revision, createdAt, updatedAt };
}

/** What each limit holds that demands meet. */
function quotasOf({ rate, windows }: QuotaSpec): [LimitName, number][] {
  const ofWindows = windows.map(({ period, limit }): [LimitName, number] => [period, limit]);
  return rate ? [['rate', rate.burst], ...ofWindows] : ofWindows;
}

function placeOf(kind: string, limit: string): string {
  return `${limit} ${kind}`;
}
