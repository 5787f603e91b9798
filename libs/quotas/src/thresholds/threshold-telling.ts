import { Injectable, Logger } from '@nestjs/common';

import { AuditTrail, TENANTRY } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { LimitName } from '../limit.js';

/** Thresholds of one window that were reached. */
export interface Reached {
  readonly kind: string;
  readonly name: LimitName;
  /** When the window began, in milliseconds since 1970. */
  readonly window: number;
  /** Percent, ascending. */
  readonly crossed: readonly number[];
}

// Where the counting is done elsewhere, this is the first that is heard of the window.
const BEGIN = `
  insert into quota_counters as counter (tenant_id, kind, name, window_start)
  values ($1::uuid, $2, $3, to_timestamp($4::bigint / 1000.0))
  on conflict (tenant_id, kind, name) do update
    set window_start = excluded.window_start, drawn = 0, told = 0, leases = '{}'
    where counter.window_start is null or counter.window_start < excluded.window_start`;
const TOLD = `
  select told from quota_counters
  where tenant_id = $1::uuid and kind = $2 and name = $3 and epoch_ms(window_start) = $4::bigint
  for update`;
const TELL = `
  update quota_counters set told = $4 where tenant_id = $1::uuid and kind = $2 and name = $3`;

/**
 * Tells a tenant, on its trail and on the change feed, that so much of a window is used: each
 * threshold once in each period, whichever node sees it first. What could not be told is told after
 * the next draw.
 */
@Injectable()
export class ThresholdTelling {
  readonly #logger = new Logger(ThresholdTelling.name);
  readonly #telling = new Map<string, Promise<void>>();

  constructor(
    private readonly database: Database,
    private readonly trail: AuditTrail,
  ) {}

  /** In its own time: nobody waits for it. */
  tell(scope: TenantScope, reached: Reached): void {
    const key = `${scope.tenantId}/${reached.kind}/${reached.name}`;
    if (this.#telling.has(key)) return;
    const telling = this.#tell(scope, reached)
      .catch((error: unknown) => {
        this.#logger.warn({ err: error }, 'A threshold could not be told; it is tried again.');
      })
      .finally(() => this.#telling.delete(key));
    this.#telling.set(key, telling);
  }

  /** Returns when nothing is under way. */
  async quiet(): Promise<void> {
    await Promise.all(this.#telling.values());
  }

  async #tell(scope: TenantScope, { kind, name, window, crossed }: Reached): Promise<void> {
    const { tenantId } = scope;
    const highest = Math.max(...crossed);
    await this.database.within(scope, async (tx) => {
      await tx.query(BEGIN, [tenantId, kind, name, window]);
      const [row] = await tx.query<{ told: number }>(TOLD, [tenantId, kind, name, window]);
      if (!row || row.told >= highest) return;
      await tx.query(TELL, [tenantId, kind, name, highest]);
      const from = new Date(window).toISOString();
      for (const percent of crossed.filter((one) => one > row.told)) {
        this.trail.record(tx, TENANTRY, {
          deed: 'quota.threshold_reached',
          target: { kind: 'quota', id: kind },
          changes: {
            percent: { after: percent },
            limit: { after: name },
            windowStart: { after: from },
          },
        });
        const id = `${kind}/${name}/${percent}`;
        tx.announce({ kind: 'quota_threshold', id, tenantId, key: from });
      }
    });
  }
}
