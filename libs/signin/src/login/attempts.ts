import { Injectable } from '@nestjs/common';

import { networkOf, Throttled } from '@tenantry/access';
import { KeyedDigest, MasterKey } from '@tenantry/crypto';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock, foldEmail } from '@tenantry/kernel';
import { attemptDelaySeconds } from '../passwords/attempt-delay.js';
import { SigninRefused } from './login.errors.js';

const REASON = 'signin-attempts';
const HOUR_MS = 3_600_000;

/** Who tries to get at which account, from where. */
export interface Attempt {
  readonly email: string;
  readonly ip: string;
  /** Whether the account's owner has signed in from there: strangers do not slow them down. */
  readonly isKnownPlace: boolean;
}

interface AttemptRow {
  readonly failures: number;
  readonly firstFailedAt: Date;
  readonly lastFailedAt: Date;
}

/** A row as it was before the attempt was counted. */
interface Counted extends AttemptRow {
  readonly key: Buffer;
}

/** An attempt that was let through, and what was counted for it. */
interface Admitted {
  readonly at: Date;
  readonly pair: Counted;
  readonly strangers: Counted | null;
}

/** Locks the row by writing what stands there, so that of two attempts one is second. */
const LOCK = `
  insert into signin_attempts (key, failures, first_failed_at, last_failed_at)
  values ($1, 0, $2::timestamptz, $2::timestamptz)
  on conflict (key) do update set failures = signin_attempts.failures
  returning failures, first_failed_at as "firstFailedAt", last_failed_at as "lastFailedAt"`;

const COUNT = `
  update signin_attempts
  set failures = $2::int, first_failed_at = $3::timestamptz, last_failed_at = $4::timestamptz
  where key = $1`;

/** Unless another attempt was counted since, nothing is left of this one. */
const TAKE_BACK = `
  update signin_attempts
  set failures = greatest(failures - 1, 0),
    last_failed_at = case when last_failed_at = $2 then $3 else last_failed_at end
  where key = $1`;

/**
 * Counts attempts to sign in, known address or not, and has whoever guesses wait ever longer.
 *
 * An attempt counts as failed before anything is looked at, and is taken back if it was none: of
 * many at the same moment no more slip through than one after the other would.
 */
@Injectable()
export class Attempts {
  readonly #digests: KeyedDigest;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    masterKey: MasterKey,
  ) {
    this.#digests = new KeyedDigest(masterKey, 'signin-attempts');
  }

  /** Runs `work`, which fails with `SigninRefused` for a wrong guess. Throws `Throttled`. */
  async count<Result>(attempt: Attempt, work: () => Promise<Result>): Promise<Result> {
    const { email, ip, isKnownPlace } = attempt;
    const account = foldEmail(email);
    const admitted = await this.#admit(
      this.#pairKey(email, ip),
      isKnownPlace ? null : this.#digests.of(JSON.stringify(['account', account])),
    );
    try {
      const result = await work();
      await this.forget(email, ip);
      await this.#takeBack(admitted.strangers, admitted.at);
      return result;
    } catch (error) {
      if (!(error instanceof SigninRefused)) await this.#takeBackAll(admitted);
      throw error;
    }
  }

  /** Counts a request for a reset, which is neither right nor wrong. Throws `Throttled`. */
  async countReset(email: string, ip: string): Promise<void> {
    const network = networkOf(ip);
    await this.#admit(
      this.#digests.of(JSON.stringify(['reset', foldEmail(email), network])),
      this.#digests.of(JSON.stringify(['resets', network])),
    );
  }

  /**
   * Runs `check` of a code that came with the right password, and tells it how many were wrong before:
   * whoever knows the password has all addresses that they like. Throws `Throttled`.
   */
  async countCode<Result>(
    personId: string,
    check: (wrongBefore: number) => Result,
  ): Promise<Result> {
    const key = this.#digests.of(JSON.stringify(['code', personId]));
    const admitted = await this.#admit(key, null);
    try {
      const result = check(admitted.pair.failures);
      await this.#delete(key);
      return result;
    } catch (error) {
      if (!(error instanceof SigninRefused)) await this.#takeBackAll(admitted);
      throw error;
    }
  }

  /** Somebody has shown from there that the account is theirs. */
  async forget(email: string, ip: string): Promise<void> {
    await this.#delete(this.#pairKey(email, ip));
  }

  async #delete(key: Buffer): Promise<void> {
    const statement = 'delete from signin_attempts where key = $1';
    await this.database.queryAcrossTenants(REASON, statement, [key]);
  }

  #pairKey(email: string, ip: string): Buffer {
    return this.#digests.of(JSON.stringify(['pair', foldEmail(email), networkOf(ip)]));
  }

  async #admit(pairKey: Buffer, strangersKey: Buffer | null): Promise<Admitted> {
    return this.database.acrossTenants(REASON, async (tx) => {
      const at = this.clock.now();
      // Always in this order, so that no two attempts wait for each other.
      const pair = await lock(tx, pairKey, at);
      const found = strangersKey && (await lock(tx, strangersKey, at));
      const strangers = found && withinTheHour(found, at);
      const seconds = delaySeconds(pair, strangers, at);
      if (seconds > 0) throw new Throttled(seconds);
      await countOne(tx, pair, at);
      if (strangers) await countOne(tx, strangers, at);
      return { at, pair, strangers };
    });
  }

  async #takeBackAll({ pair, strangers, at }: Admitted): Promise<void> {
    // What made the attempt fail is what the caller is to hear of.
    await this.#takeBack(pair, at).catch(() => undefined);
    await this.#takeBack(strangers, at).catch(() => undefined);
  }

  async #takeBack(counted: Counted | null, at: Date): Promise<void> {
    if (!counted) return;
    const values = [counted.key, at, counted.lastFailedAt];
    await this.database.queryAcrossTenants(REASON, TAKE_BACK, values);
  }
}

function delaySeconds(pair: Counted, strangers: Counted | null, at: Date): number {
  return attemptDelaySeconds(
    {
      byPair: pair.failures,
      pairLastFailedAt: pair.lastFailedAt,
      byStrangers: strangers?.failures ?? 0,
      strangerLastTriedAt: strangers?.lastFailedAt ?? null,
    },
    at,
  );
}

async function lock({ query }: PlatformTransaction, key: Buffer, at: Date): Promise<Counted> {
  const [row] = await query<AttemptRow>(LOCK, [key, at]);
  if (!row) throw new Error('An upsert gave no row back.');
  return { key, ...row };
}

/** What is older counts no more: an account is never slowed down for good. */
function withinTheHour(row: Counted, at: Date): Counted {
  const isOver = at.getTime() - row.firstFailedAt.getTime() > HOUR_MS;
  return isOver ? { ...row, failures: 0, firstFailedAt: at } : row;
}

async function countOne(
  { query }: PlatformTransaction,
  { key, failures, firstFailedAt }: Counted,
  at: Date,
): Promise<void> {
  await query(COUNT, [key, failures + 1, firstFailedAt, at]);
}
