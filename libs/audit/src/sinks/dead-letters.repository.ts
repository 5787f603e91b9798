import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { DeadLetter } from './sink.js';

/** Behind this one, and how many at most. */
interface Page {
  readonly after: string | null;
  readonly limit: number;
}

interface LetterRow extends Omit<DeadLetter, 'from' | 'to'> {
  readonly from: string;
  readonly to: string;
}

const LETTERS = `
  select id, message_id as "messageId", from_sequence as "from", to_sequence as "to", attempts,
    reason, at, redelivered_at as "redeliveredAt"
  from audit_dead_letters where tenant_id = $1::uuid and sink_id = $2::uuid`;

const FIND = `${LETTERS} and id = $3::uuid`;
const LIST = `${LETTERS} and ($3::uuid is null or id > $3::uuid) order by id limit $4`;

const REDELIVERED = `
  update audit_dead_letters set redelivered_at = now()
  where tenant_id = $1::uuid and sink_id = $2::uuid and id = $3::uuid`;

@Injectable()
export class DeadLettersRepository {
  constructor(private readonly database: Database) {}

  async list(scope: TenantScope, sinkId: string, { after, limit }: Page): Promise<DeadLetter[]> {
    const values = [scope.tenantId, sinkId, after, limit];
    return (await this.database.query<LetterRow>(scope, LIST, values)).map(letterOf);
  }

  async find(scope: TenantScope, sinkId: string, id: string): Promise<DeadLetter | null> {
    const values = [scope.tenantId, sinkId, id];
    const [row] = await this.database.query<LetterRow>(scope, FIND, values);
    return row ? letterOf(row) : null;
  }

  async redelivered(
    { query, tenantId }: TenantTransaction,
    sinkId: string,
    id: string,
  ): Promise<void> {
    await query(REDELIVERED, [tenantId, sinkId, id]);
  }
}

function letterOf({ from, to, ...row }: LetterRow): DeadLetter {
  return { ...row, from: Number(from), to: Number(to) };
}
