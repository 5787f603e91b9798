import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import type { Trail } from '../trails.js';

const HEAD = 'select sequence from audit_heads where tenant_id = $1';
const HEADS = `
  select tenant_id as trail, sequence from audit_heads where tenant_id = any($1::uuid[])`;

/** How far trails have come. */
@Injectable()
export class TrailHeads {
  constructor(private readonly database: Database) {}

  /** The last sequence of a trail; 0 where it holds nothing. */
  async of(trail: Trail): Promise<number> {
    const [head] = await trail.query<{ readonly sequence: string }>(HEAD);
    return Number(head?.sequence ?? 0);
  }

  /** The last sequences of many trails, whoever they are of, in one question. */
  async ofMany(trails: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const heads = await this.database.queryAcrossTenants<{
      readonly trail: string;
      readonly sequence: string;
    }>('audit-tail', HEADS, [trails]);
    return new Map(heads.map(({ trail, sequence }) => [trail, Number(sequence)]));
  }
}
