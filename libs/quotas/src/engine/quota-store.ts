import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { LimitName, Mode } from '../limit.js';
import type { Demand, OnceKey } from './quota-engine.js';
import { receiptKeyOf } from './receipt-key.js';

/** How long the store remembers that a lease is out; its holder stops using it a margin before. */
export const LEASE_MS = 5_000;

/** What a holder says and asks of one limit. */
export interface Want {
  readonly kind: string;
  readonly name: LimitName;
  readonly holder: string;
  /** The window that its lease is of. */
  readonly window: number | null;
  /** What it has unspent of that. */
  readonly left: number;
  /** Whether it gives that back. */
  readonly back: boolean;
  /** Granted whole, or refused. */
  readonly head: number;
  /** Whether `head` is spent as soon as it is granted. */
  readonly outright: boolean;
  /** Granted as far as the holder's share goes. */
  readonly want: number;
}

/** What the store answers about one limit. */
export interface Drawn {
  readonly kind: string;
  readonly name: LimitName;
  readonly quota: number;
  readonly mode: Mode;
  readonly granted: number;
  /** What it accepted of `left`: the rest is not the holder's any more. */
  readonly kept: number;
  /** When the window began; null for a bucket. */
  readonly window: number | null;
  readonly endsInMs: number | null;
  /** What is left for others. */
  readonly available: number;
  /** What others hold. */
  readonly lent: number;
  readonly refused: boolean;
  /** Whether the others were asked to give back what they hold. */
  readonly asked: boolean;
  /** All thresholds that are reached. */
  readonly crossed: readonly number[];
}

/** The limit does not exist any more. */
export interface Gone {
  readonly kind: string;
  readonly name: LimitName;
  readonly gone: true;
}

/** What is kept of that with a key. */
export type Kept = Pick<
  Drawn,
  'kind' | 'name' | 'mode' | 'available' | 'lent' | 'endsInMs' | 'refused'
>;

/** What became of a demand with a key; `repeated` tells what became of it the first time. */
export type OnceDecision =
  | { readonly state: 'spent' | 'refused'; readonly results: readonly (Drawn | Gone)[] }
  | { readonly state: 'repeated'; readonly results: readonly Kept[] };

/** `mismatch`: the key stands for another demand. */
export type OnceAnswer = OnceDecision | { readonly state: 'mismatch' };

export interface Refunded {
  readonly kind: string;
  readonly name: LimitName;
  readonly refunded: number;
}

/** What became of a refund with a key, now or the first time. */
export type OnceRefund =
  | { readonly state: 'refunded' | 'repeated'; readonly results: readonly Refunded[] }
  | { readonly state: 'mismatch' };

/** One limit as it is in the store. */
export interface StoredQuota {
  readonly kind: string;
  readonly name: LimitName | 'concurrency';
  readonly quota: number;
  readonly available: number;
  /** What each holder had at its last look. */
  readonly leases: Readonly<Record<string, number>>;
  readonly resetsInMs: number | null;
}

const DRAW =
  'select draw_quota($1::uuid, $2::jsonb, $3::integer, false, $4::timestamptz) as results';
const SPEND_ONCE =
  'select spend_quota_once($1::uuid, $2::bytea, $3::bytea, $4::jsonb, $5::timestamptz) as answer';
const REFUND =
  'select refund_quota($1::uuid, $2::jsonb, $3::timestamptz, $4::timestamptz) as results';
const REFUND_ONCE = `
  select refund_quota_once($1::uuid, $2::bytea, $3::bytea, $4::jsonb, $5::timestamptz,
    $6::timestamptz) as answer`;
const READ = `
  select coalesce(jsonb_agg(jsonb_build_object('kind', kind, 'name', name, 'quota', quota,
    'available', available, 'leases', leases, 'resetsInMs', resets_in_ms)), '[]') as quotas
  from read_quotas($1::uuid, $2::text[], $3::timestamptz)`;

/**
 * The counters in PostgreSQL: each call is one statement and one round trip. Where the clock of the
 * server is not to be used, `now` stands in for it.
 */
@Injectable()
export class QuotaStore {
  #calls = 0;

  constructor(
    private readonly database: Database,
    private readonly now: () => Date | null = () => null,
  ) {}

  /** How often it was asked. */
  get calls(): number {
    return this.#calls;
  }

  async draw(scope: TenantScope, wants: readonly Want[]): Promise<readonly (Drawn | Gone)[]> {
    const values = [scope.tenantId, JSON.stringify(wants), LEASE_MS, this.now()];
    const rows = await this.#query<{ results: (Drawn | Gone)[] }>(scope, DRAW, values);
    return rows[0]?.results ?? [];
  }

  async spendOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly (Demand & { readonly name: LimitName })[],
  ): Promise<OnceAnswer> {
    const wants = demands.map(({ kind, name, amount }) => ({ kind, name, head: amount, want: 0 }));
    const key = receiptKeyOf(once);
    const values = [scope.tenantId, key, once.digest, JSON.stringify(wants), this.now()];
    const [row] = await this.#query<{ answer: OnceAnswer }>(scope, SPEND_ONCE, values);
    if (!row) throw new Error('PostgreSQL did not say what became of a demand.');
    return row.answer;
  }

  async refund(
    scope: TenantScope,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<readonly Refunded[]> {
    const values = [scope.tenantId, JSON.stringify(demands), spentAt, this.now()];
    const rows = await this.#query<{ results: Refunded[] }>(scope, REFUND, values);
    return rows[0]?.results ?? [];
  }

  async refundOnce(
    scope: TenantScope,
    once: OnceKey,
    demands: readonly Demand[],
    spentAt: Date | null,
  ): Promise<OnceRefund> {
    const given = JSON.stringify(demands);
    const key = receiptKeyOf(once);
    const values = [scope.tenantId, key, once.digest, given, spentAt, this.now()];
    const [row] = await this.#query<{ answer: OnceRefund }>(scope, REFUND_ONCE, values);
    if (!row) throw new Error('PostgreSQL did not say what became of a refund.');
    return row.answer;
  }

  async read(scope: TenantScope, kinds: readonly string[] | null): Promise<readonly StoredQuota[]> {
    const values = [scope.tenantId, kinds, this.now()];
    const rows = await this.#query<{ quotas: StoredQuota[] }>(scope, READ, values);
    return rows[0]?.quotas ?? [];
  }

  async #query<Row>(scope: TenantScope, text: string, values: readonly unknown[]): Promise<Row[]> {
    this.#calls += 1;
    return this.database.query<Row>(scope, text, values);
  }
}
