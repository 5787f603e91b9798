import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { newId, type TenantScope } from '@tenantry/kernel';
import type { HealthState, Verdict } from './health.js';

/** As many as an operator looks back upon; a check every ten minutes makes 144 a day. */
const KEPT = 200;

/** How one check of an issuer ended. */
export interface VerdictEntry {
  readonly id: string;
  readonly issuerId: string;
  readonly at: Date;
  readonly verdict: Verdict;
  readonly reason: string | null;
  /** The health that it led to. */
  readonly healthState: HealthState;
  readonly tookMs: number;
}

/** The last verdicts on each issuer, newest first. */
@Injectable()
export class VerdictLog {
  constructor(private readonly database: Database) {}

  async add(
    { tables, query, tenantId }: TenantTransaction,
    issuerId: string,
    entry: Omit<VerdictEntry, 'id' | 'issuerId'>,
  ): Promise<void> {
    await tables.issuerVerdict.create({ data: { ...entry, id: newId(), issuerId } });
    await query(
      `delete from issuer_verdicts where tenant_id = $1::uuid and issuer_id = $2::uuid and id <= (
         select id from issuer_verdicts where tenant_id = $1::uuid and issuer_id = $2::uuid
         order by id desc offset $3 limit 1)`,
      [tenantId, issuerId, KEPT],
    );
  }

  async list(
    scope: TenantScope,
    issuerId: string,
    { before, limit }: { readonly before: string | null; readonly limit: number },
  ): Promise<VerdictEntry[]> {
    const rows = await this.database.read(scope, ({ issuerVerdict }) =>
      issuerVerdict.findMany({
        where: { issuerId, ...(before === null ? {} : { id: { lt: before } }) },
        orderBy: { id: 'desc' },
        take: limit,
      }),
    );
    return rows as unknown as VerdictEntry[];
  }
}
