import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import type { Trail } from '../trails.js';
import type { Receipt } from './receipt.js';

const WRITE_REASON = 'decision-receipts';
const PURGE_REASON = 'decision-retention';

/** A receipt to be written. */
export interface ReceiptRow {
  /** Whose it is; the nil UUID: the platform's. */
  readonly tenantId: string;
  readonly id: string;
  readonly requestId: string;
  readonly at: Date;
  /** JSON. */
  readonly receipt: string;
}

const INSERT = `
  insert into decision_receipts (tenant_id, id, request_id, at, receipt)
  select * from unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::jsonb[])`;

const FIND = `
  select receipt from decision_receipts
  where tenant_id = $1 and request_id = $2
  order by at desc, id desc limit $3`;

const PURGE = `
  with gone as (
    delete from decision_receipts where (tenant_id, id) in (
      select tenant_id, id from decision_receipts where at < $1 order by at limit $2)
    returning 1)
  select count(*)::int as count from gone`;

/** Writes receipts of all tenants together; reads those of one. */
@Injectable()
export class ReceiptsRepository {
  constructor(private readonly database: Database) {}

  async insert(rows: readonly ReceiptRow[]): Promise<void> {
    await this.database.queryAcrossTenants(WRITE_REASON, INSERT, [
      rows.map(({ tenantId }) => tenantId),
      rows.map(({ id }) => id),
      rows.map(({ requestId }) => requestId),
      rows.map(({ at }) => at.toISOString()),
      rows.map(({ receipt }) => receipt),
    ]);
  }

  /** Newest first. */
  async find(trail: Trail, requestId: string, limit: number): Promise<Receipt[]> {
    const rows = await trail.query<{ readonly receipt: Receipt }>(FIND, [requestId, limit]);
    return rows.map(({ receipt }) => receipt);
  }

  /** Removes the oldest from before then, no more than so many; says how many those were. */
  async purge(before: Date, limit: number): Promise<number> {
    const [gone] = await this.database.queryAcrossTenants<{ readonly count: number }>(
      PURGE_REASON,
      PURGE,
      [before, limit],
    );
    return gone?.count ?? 0;
  }
}
