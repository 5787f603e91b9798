import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import { type Caller, TokenInvalid } from '@tenantry/access';
import { Clock, DomainError } from '@tenantry/kernel';
import { AuditTrail, type Refusal } from './audit-trail.js';
import { type Deed, TENANTRY } from './deed.js';

const FLUSH_MS = 5_000;
const WINDOW_MS = 60_000;
/** So many alike in a minute stand on record one by one; what follows is counted. */
const SINGLE_RECORDS_MAX = 20;
const COLLAPSED_MAX = 10_000;

interface Collapsed {
  readonly caller: Caller;
  readonly refusal: Refusal;
  readonly startedAtMs: number;
  seen: number;
  uncounted: number;
}

/**
 * Puts refusals on record without letting a flood fill the disk: of somebody known each one, up
 * to a number, then as counts; of nobody known as counts by reason alone.
 */
@Injectable()
export class Refusals implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(Refusals.name);
  readonly #collapsed = new LRUCache<string, Collapsed>({ max: COLLAPSED_MAX });
  /** What stands on record already, and more precisely than its route could tell. */
  readonly #told = new WeakSet<Error>();
  #unauthenticated = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly trail: AuditTrail,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_MS);
    this.#timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  /** Never throws: a refusal stands, whether or not it could be written down. */
  async note(error: unknown, route: string, caller: Caller | undefined): Promise<void> {
    if (!(error instanceof DomainError) || this.#told.has(error)) return;
    if (error.kind === 'unauthenticated') this.#count(error);
    else if (caller && (error.kind === 'forbidden' || error.kind === 'exhausted')) {
      await this.#noteKnown(caller, { error, route });
    }
  }

  /** Puts on record what exactly was refused, or failed; `note` then leaves it at that. Never throws. */
  async noteDeeds(caller: Caller, error: DomainError, deeds: readonly Deed[]): Promise<void> {
    this.#told.add(error);
    for (const deed of deeds) await this.#noteKnown(caller, { error, route: deed.deed, deed });
  }

  /** Writes down what was only counted so far. */
  async flush(): Promise<void> {
    const counts = this.#unauthenticated;
    this.#unauthenticated = new Map();
    if (counts.size > 0) {
      await this.#guarded(() => this.trail.recordUnauthenticated(TENANTRY, counts));
    }
    const now = this.clock.monotonicMs();
    for (const [key, entry] of [...this.#collapsed.entries()]) {
      if (entry.uncounted > 0) {
        const count = entry.uncounted;
        entry.uncounted = 0;
        await this.#write({ ...entry, refusal: ofMany(entry.refusal) }, count);
      }
      if (now - entry.startedAtMs > WINDOW_MS) this.#collapsed.delete(key);
    }
  }

  #count(error: DomainError): void {
    const reason = error instanceof TokenInvalid ? `${error.code}:${error.fault}` : error.code;
    this.#unauthenticated.set(reason, (this.#unauthenticated.get(reason) ?? 0) + 1);
  }

  async #noteKnown(caller: Caller, refusal: Refusal): Promise<void> {
    const { actor } = caller;
    const { error, route } = refusal;
    const key = JSON.stringify([actor.issuer, actor.id, caller.tenant?.id, error.code, route]);
    const entry = this.#collapsed.get(key) ?? {
      caller,
      refusal,
      startedAtMs: this.clock.monotonicMs(),
      seen: 0,
      uncounted: 0,
    };
    this.#collapsed.set(key, entry);
    entry.seen += 1;
    // Throttled requests come in floods by their nature: counted from the first on.
    if (refusal.error.kind === 'exhausted' || entry.seen > SINGLE_RECORDS_MAX) entry.uncounted += 1;
    else await this.#write({ ...entry, caller, refusal }, 1);
  }

  async #write({ caller, refusal }: Collapsed, count: number): Promise<void> {
    await this.#guarded(() => this.trail.recordRefusal(caller, { ...refusal, count }));
  }

  async #guarded(write: () => Promise<void>): Promise<void> {
    try {
      await write();
    } catch (error) {
      this.#logger.error({ err: error }, 'A refusal could not be put on record.');
    }
  }
}

/** What a count stands for was not all about one thing: it names none. */
function ofMany({ deed, ...refusal }: Refusal): Refusal {
  if (!deed) return refusal;
  const { kind } = deed.target;
  return { ...refusal, deed: { deed: deed.deed, target: { kind, id: 'several' } } };
}
