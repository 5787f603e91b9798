import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';

import { DatabaseUnavailable } from '@tenantry/database';
import { Clock, newId } from '@tenantry/kernel';
import { DECIMALS_MAX, NAME, type TenantUsageEvent, VALUE_MAX } from '../usage-event.js';
import { UsageLedger } from '../usage-ledger.js';

const FLUSH_EVERY_MS = 10_000;
const KEYS_MAX = 10_000;
const BATCH = 1_000;
/** What waits while the database is away: so much, and not more. */
const BATCHES_MAX = 50;
const ATTEMPTS_MAX = 5;

/** What one actor used of one meter since the last time. */
interface Count extends Pick<TenantUsageEvent, 'tenantId' | 'meter' | 'actor'> {
  amount: number;
}

type Counts = Map<string, Map<string, Map<string | null, Count>>>;

interface Batch {
  readonly events: readonly TenantUsageEvent[];
  attempts: number;
}

/**
 * Counts what Tenantry itself serves its tenants, without a write for each.
 *
 * Counts are kept in memory, and put on the ledger every ten seconds. An event has its id before it
 * is first sent, so that one whose answer got lost counts once. A process that is killed takes along
 * what it counted since the last time: an interval at most, and always to the benefit of the tenant.
 */
@Injectable()
export class UsageMeter implements OnModuleInit, OnApplicationShutdown {
  readonly #logger = new Logger(UsageMeter.name);
  readonly #node = newId();
  #counts: Counts = new Map();
  #held: Count[] = [];
  #sent = 0;
  #waiting: Batch[] = [];
  #flushing: Promise<void> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly ledger: UsageLedger,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#schedule();
  }

  /** After the last request was answered: whatever was counted until then is sent. */
  async onApplicationShutdown(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  /** Adds to what a tenant used of a meter. Neither waits nor throws. */
  count(tenantId: string, meter: string, amount = 1, actor: string | null = null): void {
    const known = this.#counts.get(tenantId)?.get(meter)?.get(actor);
    if (known) known.amount += amount;
    else this.#begin({ tenantId, meter, actor, amount });
  }

  /** Puts what was counted on the ledger; what cannot be put there waits for the next time. Never throws. */
  async flush(): Promise<void> {
    this.#seal();
    this.#flushing = this.#flushing.then(() => this.#send());
    return this.#flushing;
  }

  #begin(count: Count): void {
    const { tenantId, meter, actor } = count;
    const meters = inMap(
      this.#counts,
      tenantId,
      () => new Map<string, Map<string | null, Count>>(),
    );
    inMap(meters, meter, () => new Map<string | null, Count>()).set(actor, count);
    this.#held.push(count);
    if (this.#held.length >= KEYS_MAX) void this.flush();
  }

  /** Makes events of the counts, and begins anew. */
  #seal(): void {
    const at = this.clock.now().getTime();
    const events = this.#held.flatMap((count) => this.#eventsOf(count, at));
    this.#counts = new Map();
    this.#held = [];
    for (let start = 0; start < events.length; start += BATCH) {
      this.#waiting.push({ events: events.slice(start, start + BATCH), attempts: 0 });
    }
    const lost = this.#waiting.splice(0, Math.max(0, this.#waiting.length - BATCHES_MAX));
    if (lost.length > 0)
      this.#logger.error(`${lost.length} batches of usage found no room, and are lost.`);
  }

  /** One event, or none where nothing came together. */
  #eventsOf({ tenantId, meter, actor: by, amount }: Count, at: number): TenantUsageEvent[] {
    const value = Number(Math.min(amount, VALUE_MAX).toFixed(DECIMALS_MAX));
    if (!(value > 0)) return [];
    this.#sent += 1;
    const id = `self:${this.#node}:${this.#sent}`;
    const actor = by !== null && NAME.test(by) ? by : null;
    return [{ id, tenantId, meter, value, at, actor, resource: null, labels: null }];
  }

  async #send(): Promise<void> {
    for (const batch of [...this.#waiting]) {
      // While the database is away, the others need not be tried.
      if (!(await this.#sendOne(batch))) return;
    }
  }

  /** Whether the database could be reached. */
  async #sendOne(batch: Batch): Promise<boolean> {
    try {
      await this.ledger.recordOfMany(batch.events);
      this.#forget(batch);
      return true;
    } catch (error) {
      this.#logger.warn({ err: error }, 'What Tenantry metered could not be put on the ledger.');
      if (error instanceof DatabaseUnavailable) return false;
      this.#failed(batch);
      return true;
    }
  }

  /** A batch that the ledger will never take must not be tried for ever. */
  #failed(batch: Batch): void {
    batch.attempts += 1;
    if (batch.attempts < ATTEMPTS_MAX) return;
    this.#forget(batch);
    this.#logger.error(`${batch.events.length} counts of usage were refused, and are lost.`);
  }

  #forget(batch: Batch): void {
    this.#waiting = this.#waiting.filter((waiting) => waiting !== batch);
  }

  #schedule(): void {
    if (this.#isStopped) return;
    // Not all nodes at the same moment.
    const jitteredMs = FLUSH_EVERY_MS * (0.75 + Math.random() / 2);
    this.#timer = setTimeout(() => {
      void this.flush().then(() => {
        this.#schedule();
      });
    }, jitteredMs);
    this.#timer.unref();
  }
}

function inMap<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}
