import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { newId, type TenantScope } from '@tenantry/kernel';
import type { NamedSlot, Slot, TakenSlot } from './slot.js';
import { Turns } from './turns.js';

/** Of all kinds together. */
export const SLOTS_MAX = 100_000;

const COLUMNS = `
  id::text as id, kind, holder, ttl_seconds as "ttlSeconds", created_at as "createdAt",
  expires_at as "expiresAt",
  ceil(extract(epoch from expires_at - clock_timestamp()))::int as "expiresInSeconds"`;

// Whoever takes or renews one of a kind waits for the others who do. What they have done is seen only
// by a statement that begins after the wait: hence two of them.
const LOCK = "select pg_advisory_xact_lock(hashtextextended('quota_slots:' || $1 || $2, 0))::text";

/** Gives one where one is left; says in any case how it stands. */
const TAKE = `
  with clock as materialized (select clock_timestamp() as moment),
  limited as materialized (
    select quota, mode from effective_limits
    where tenant_id = $1::uuid and kind = $3 and name = 'concurrency'),
  live as materialized (
    select (select count(*) from quota_slots, clock
            where tenant_id = $1::uuid and expires_at > moment) as "ofAll",
      count(*) as "ofKind", min(expires_at) as "freeAt"
    from quota_slots, clock
    where tenant_id = $1::uuid and kind = $3 and expires_at > moment),
  taken as (
    insert into quota_slots (tenant_id, id, kind, holder, ttl_seconds, created_at, expires_at)
    select $1::uuid, $2::uuid, $3, $4, $5::int, moment, moment + make_interval(secs => $5::int)
    from clock, live left join limited on true
    where "ofAll" < ${SLOTS_MAX} and (quota is null or mode = 'shadow' or "ofKind" < quota)
    returning *)
  select ${COLUMNS}, "ofKind"::int as "ofKind", quota, "ofAll" >= ${SLOTS_MAX} as "isFull",
    ceil(extract(epoch from "freeAt" - moment))::int as "freeInSeconds"
  from clock, live left join limited on true left join taken on true`;

const KIND_OF = `
  select kind from quota_slots where tenant_id = $1::uuid and id = $2::uuid`;

const RENEW = `
  update quota_slots set ttl_seconds = coalesce($4::int, ttl_seconds),
    expires_at = clock_timestamp() + make_interval(secs => coalesce($4::int, ttl_seconds))
  where tenant_id = $1::uuid and id = $2::uuid and ($3::text is null or holder = $3)
    and expires_at > clock_timestamp()
  returning ${COLUMNS}`;

const RELEASE = `
  delete from quota_slots
  where tenant_id = $1::uuid and id = $2::uuid and ($3::text is null or holder = $3)
    and expires_at > clock_timestamp()
  returning 1`;

const LIST = `
  select ${COLUMNS} from quota_slots
  where tenant_id = $1::uuid and ($2::uuid is null or id > $2::uuid)
    and expires_at > clock_timestamp()
  order by id limit $3`;

/** What becomes of a wish for a slot. */
export type Taking =
  | { readonly state: 'taken'; readonly slot: TakenSlot }
  | {
      readonly state: 'exhausted';
      readonly quota: number;
      /** When the first of them expires; null: there are none. */
      readonly freeInSeconds: number | null;
    }
  | { readonly state: 'full' };

type TakeRow = { readonly [Field in keyof Slot]: Slot[Field] | null } & {
  /** How many there were before. */
  readonly ofKind: number;
  readonly quota: bigint | null;
  readonly isFull: boolean;
  readonly freeInSeconds: number | null;
};

/** Slots live by the clock of the database: two nodes never disagree on which have expired. */
@Injectable()
export class SlotsRepository {
  readonly #turns = new Turns();

  constructor(private readonly database: Database) {}

  async take(
    scope: TenantScope,
    { kind, holder, ttlSeconds }: Pick<Slot, 'kind' | 'holder' | 'ttlSeconds'>,
  ): Promise<Taking> {
    const [row] = await this.#inTurn(scope, kind, ({ query, tenantId }) =>
      query<TakeRow>(TAKE, [tenantId, newId(), kind, holder, ttlSeconds]),
    );
    if (!row) throw new Error('PostgreSQL did not say what became of a lease.');
    const { ofKind, quota, isFull, freeInSeconds, ...slot } = row;
    if (isTaken(slot)) {
      const left = quota === null ? null : Number(quota) - ofKind - 1;
      const remaining = left === null ? null : Math.max(0, left);
      return { state: 'taken', slot: { ...slot, remaining, shadow: left !== null && left < 0 } };
    }
    if (isFull) return { state: 'full' };
    return { state: 'exhausted', quota: Number(quota), freeInSeconds };
  }

  /** `ttlSeconds` null: for as long as before. Null: it is gone, or not theirs. */
  async renew(
    scope: TenantScope,
    { id, holder }: NamedSlot,
    ttlSeconds: number | null,
  ): Promise<Slot | null> {
    const [found] = await this.database.query<{ kind: string }>(scope, KIND_OF, [
      scope.tenantId,
      id,
    ]);
    if (!found) return null;
    // Or somebody might count it as expired, and take its place, while it is being renewed.
    const [row] = await this.#inTurn(scope, found.kind, ({ query, tenantId }) =>
      query<Slot>(RENEW, [tenantId, id, holder, ttlSeconds]),
    );
    return row ?? null;
  }

  /** Whether there was one to give back. */
  async release(scope: TenantScope, { id, holder }: NamedSlot): Promise<boolean> {
    const gone = await this.database.query(scope, RELEASE, [scope.tenantId, id, holder]);
    return gone.length > 0;
  }

  /** Those that have not expired, the oldest first. */
  async list(
    scope: TenantScope,
    { after, limit }: { readonly after: string | null; readonly limit: number },
  ): Promise<Slot[]> {
    return this.database.query<Slot>(scope, LIST, [scope.tenantId, after, limit]);
  }

  async #inTurn<Row>(
    scope: TenantScope,
    kind: string,
    work: (tx: TenantTransaction) => Promise<Row[]>,
  ): Promise<Row[]> {
    return this.#turns.take(`${scope.tenantId} ${kind}`, () =>
      this.database.within(scope, async (tx) => {
        await tx.query(LOCK, [tx.tenantId, kind]);
        return work(tx);
      }),
    );
  }
}

function isTaken(slot: { readonly [Field in keyof Slot]: Slot[Field] | null }): slot is Slot {
  return slot.id !== null;
}
