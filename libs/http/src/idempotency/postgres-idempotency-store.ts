import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { newId } from '@tenantry/kernel';
import { type Begun, IdempotencyStore } from './idempotency-store.js';

interface Row {
  readonly state: 'started' | 'running' | 'mismatch' | 'done';
  readonly answer: Uint8Array | null;
}

const PURGED_AT_ONCE_MAX = 1_000;

// One statement, so that of two requests exactly one begins. The row that a loser finds may be as
// old as the start of its statement; that it then says 'running' of a request that has just ended
// is safe. An expired answer is not: hence the last condition.
const BEGIN = `
  with begun as (
    insert into idempotency_keys as held (key, body_digest, fence, state, answer, created_at, expires_at)
    values ($1, $2, $3::uuid, 'running', null, now(), now() + interval '24 hours')
    on conflict (key) do update
      set body_digest = excluded.body_digest, fence = excluded.fence, state = 'running', answer = null,
          created_at = excluded.created_at, expires_at = excluded.expires_at
      where held.expires_at <= now()
         or (held.state = 'running' and held.body_digest = excluded.body_digest
             and held.created_at <= now() - interval '60 seconds')
    returning 1
  )
  select 'started' as state, null::bytea as answer from begun
  union all
  select case when body_digest = $2 then state else 'mismatch' end,
         case when body_digest = $2 then answer end
  from idempotency_keys
  where key = $1 and expires_at > now() and not exists (select from begun)`;

const COMPLETE = `
  update idempotency_keys set state = 'done', answer = $3
  where key = $1 and fence = $2::uuid and state = 'running'`;

const ABANDON = `
  delete from idempotency_keys where key = $1 and fence = $2::uuid and state = 'running'`;

const PURGE = `
  delete from idempotency_keys where key in (
    select key from idempotency_keys where expires_at <= now()
    order by expires_at limit ${PURGED_AT_ONCE_MAX} for update skip locked
  ) returning 1`;

/** Keeps idempotency keys in PostgreSQL, by whose clock they expire on every node alike. */
@Injectable()
export class PostgresIdempotencyStore extends IdempotencyStore {
  constructor(private readonly database: Database) {
    super();
  }

  async begin(key: Buffer, bodyDigest: Buffer): Promise<Begun> {
    const fence = newId();
    const [row] = await this.#query<Row>('begin a request', BEGIN, [key, bodyDigest, fence]);
    // No row: another request has taken the key since this statement started.
    if (!row) return { state: 'running' };
    if (row.state === 'started') return { state: 'started', fence };
    if (row.state === 'mismatch') return { state: 'mismatch' };
    return row.answer ? { state: 'done', answer: Buffer.from(row.answer) } : { state: 'running' };
  }

  async complete(key: Buffer, fence: string, answer: Buffer): Promise<void> {
    await this.#query('keep an answer', COMPLETE, [key, fence, answer]);
  }

  async abandon(key: Buffer, fence: string): Promise<void> {
    await this.#query('forget a request', ABANDON, [key, fence]);
  }

  /** Deletes up to a thousand expired keys, and says how many: to be called every minute. */
  async purge(): Promise<number> {
    return (await this.#query('purge expired keys', PURGE)).length;
  }

  // Keys stand outside any tenant: the digest names the caller, a platform actor has no tenant, and
  // no row can be read without the request that made it.
  #query<R>(reason: string, text: string, values: readonly unknown[] = []): Promise<R[]> {
    return this.database.queryAcrossTenants<R>(`idempotency: ${reason}`, text, values);
  }
}
