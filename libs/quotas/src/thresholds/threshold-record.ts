import { Injectable } from '@nestjs/common';

import { AuditTrail, TENANTRY } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { Reached } from './reached.js';

const BEGIN = `
  insert into quota_thresholds as known (tenant_id, kind, name, window_start, told)
  values ($1::uuid, $2, $3, to_timestamp($4::bigint / 1000.0), 0)
  on conflict (tenant_id, kind, name) do update
    set window_start = excluded.window_start, told = 0
    where known.window_start < excluded.window_start`;
const TOLD = `
  select told from quota_thresholds
  where tenant_id = $1::uuid and kind = $2 and name = $3 and epoch_ms(window_start) = $4::bigint
  for update`;
const TELL = `
  update quota_thresholds set told = $4 where tenant_id = $1::uuid and kind = $2 and name = $3`;

/** Puts each threshold of a window on the tenant's trail and on the change feed, once for all nodes. */
@Injectable()
export class ThresholdRecord {
  constructor(
    private readonly database: Database,
    private readonly trail: AuditTrail,
  ) {}

  async tell(scope: TenantScope, reached: Reached): Promise<void> {
    const { kind, name, window, crossed } = reached;
    const highest = Math.max(...crossed);
    await this.database.within(scope, async (tx) => {
      await tx.query(BEGIN, [scope.tenantId, kind, name, window]);
      // None: a later window has begun.
      const [row] = await tx.query<{ told: number }>(TOLD, [scope.tenantId, kind, name, window]);
      if (!row || row.told >= highest) return;
      await tx.query(TELL, [scope.tenantId, kind, name, highest]);
      for (const percent of crossed) if (percent > row.told) this.#record(tx, reached, percent);
    });
  }

  #record(tx: TenantTransaction, { kind, name, window }: Reached, percent: number): void {
    const from = new Date(window).toISOString();
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
    tx.announce({ kind: 'quota_threshold', id, tenantId: tx.tenantId, key: from });
  }
}
