import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import type { Commitments } from './commitment.js';

/** One record as it lies in the database. */
export interface AuditRow {
  readonly id: string;
  readonly sequence: bigint;
  readonly record: object;
  readonly personal: Commitments;
}

export interface AuditFilter {
  readonly deed?: string | undefined;
  readonly actor?: string | undefined;
  readonly target?: string | undefined;
  readonly outcome?: string | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  /** Only records older than this sequence. */
  readonly before?: number | undefined;
  readonly limit: number;
}

const LIST = `
  select id, sequence, record, personal from audit_records
  where tenant_id = $1
    and ($2::bigint is null or sequence < $2)
    and ($3::text is null or deed = $3)
    and ($4::text is null or actor_id = $4)
    and ($5::text is null or target_id = $5)
    and ($6::text is null or outcome = $6)
    and ($7::timestamptz is null or at >= $7)
    and ($8::timestamptz is null or at < $8)
  order by sequence desc
  limit $9`;

const FIND = `
  select id, sequence, record, personal from audit_records where tenant_id = $1 and id = $2`;

/** Reads trails; they are written by the transactions that they tell of. */
@Injectable()
export class AuditRepository {
  constructor(private readonly database: Database) {}

  /** Newest first: a page read twice is the same, because the past does not change. */
  async list(scope: TenantScope, filter: AuditFilter): Promise<AuditRow[]> {
    return this.database.query<AuditRow>(scope, LIST, [scope.tenantId, ...valuesOf(filter)]);
  }

  async listPlatform(filter: AuditFilter): Promise<AuditRow[]> {
    const values = [PLATFORM_ID, ...valuesOf(filter)];
    return this.database.queryAcrossTenants<AuditRow>('audit-platform-trail', LIST, values);
  }

  async findById(scope: TenantScope, id: string): Promise<AuditRow | null> {
    const [row] = await this.database.query<AuditRow>(scope, FIND, [scope.tenantId, id]);
    return row ?? null;
  }
}

function valuesOf(filter: AuditFilter): unknown[] {
  const { before, deed, actor, target, outcome, from, to, limit } = filter;
  return [before, deed, actor, target, outcome, from, to, limit].map((value) => value ?? null);
}
