import { Injectable } from '@nestjs/common';

import { tag, TrustedCache } from '@tenantry/access';
import { ChangeFeed, Database } from '@tenantry/database';
import { Clock, type TenantScope } from '@tenantry/kernel';
import type { Limit, LimitName, Mode } from './limit.js';

const TENANTS_MAX = 20_000;
const TTL_MS = 600_000;

/** The limits of a tenant that demands meet, by kind. Another object whenever one may have changed. */
export type LimitsByKind = ReadonlyMap<string, readonly Limit[]>;

interface LimitRow {
  readonly kind: string;
  readonly name: LimitName;
  readonly quota: number;
  readonly rate_micros: number | null;
  readonly mode: Mode;
  readonly thresholds: readonly number[];
}

interface PlanRow {
  readonly plan: string | null;
  readonly limits: readonly LimitRow[] | null;
}

const READ = `
  select (select plan from tenants where id = $1) as plan,
    (select jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'quota', quota,
       'rate_micros', rate_micros, 'mode', mode,
       'thresholds', thresholds) order by kind collate "C", name collate "C")
     from effective_limits where tenant_id = $1 and name <> 'concurrency') as limits`;

/** Knows which limits each tenant has, for as long as the change feed says that they stand. */
@Injectable()
export class LimitBook {
  readonly #limits: TrustedCache<LimitsByKind>;

  constructor(
    private readonly database: Database,
    feed: ChangeFeed,
    clock: Clock,
  ) {
    this.#limits = new TrustedCache(feed, clock, TENANTS_MAX);
  }

  /** What is known without asking; undefined also while the feed is not heard. */
  known({ tenantId }: TenantScope): LimitsByKind | undefined {
    return this.#limits.get(tenantId);
  }

  async of(scope: TenantScope): Promise<LimitsByKind> {
    const { tenantId } = scope;
    const limits = await this.#limits.getOrLoad(tenantId, async () => {
      const [row] = await this.database.query<PlanRow>(scope, READ, [tenantId]);
      const plan = row?.plan ?? null;
      // Also where no plan has this name: one may be made.
      const planTags = plan === null ? [] : [tag('plan', plan)];
      return {
        value: byKind(row?.limits ?? []),
        tags: [tag('quota', tenantId), tag('tenant', tenantId), ...planTags],
        ttlMs: TTL_MS,
      };
    });
    return limits ?? new Map();
  }
}

function byKind(rows: readonly LimitRow[]): LimitsByKind {
  const limits = new Map<string, Limit[]>();
  for (const { rate_micros: micros, ...row } of rows) {
    const isBucket = row.name === 'rate' && micros !== null;
    const limit: Limit = { ...row, perSecond: isBucket ? micros / 1_000_000 : null };
    const known = limits.get(row.kind);
    if (known) known.push(limit);
    else limits.set(row.kind, [limit]);
  }
  return limits;
}
