import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { Clock, type TenantScope } from '@tenantry/kernel';
import { UNVERIFIED_FOR_SECONDS, type Verdict } from './health.js';
import type { Issuer } from './issuer.js';
import { IssuersRepository } from './issuers.repository.js';
import { KeyFetcher } from './keys/key-fetcher.js';
import { Semaphore } from './semaphore.js';
import { Verdicts } from './verdicts.js';

const CONCURRENT_CHECKS_MAX = 32;

interface Runs {
  readonly running: Promise<void>;
  /** Shared by all who asked while the running one was under way. */
  next?: Promise<void>;
}

/**
 * Checks issuers, and has the verdicts written down.
 *
 * One check an issuer at a time on this node; all nodes together are fenced by epoch and number.
 * One slow provider occupies one of many places, and delays nobody but itself.
 */
@Injectable()
export class Validator implements OnModuleDestroy {
  readonly #logger = new Logger(Validator.name);
  readonly #runs = new Map<string, Runs>();
  readonly #places = new Semaphore(CONCURRENT_CHECKS_MAX);
  readonly #counts = new Map<Verdict, number>();

  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly keys: KeyFetcher,
    private readonly verdicts: Verdicts,
    // One more than the usual four: looking, writing down, and the clock between them.
    private readonly clock: Clock,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map(({ next, running }) => next ?? running));
  }

  /** How many checks ended how on this node since it started. */
  get counts(): ReadonlyMap<Verdict, number> {
    return this.#counts;
  }

  /** Whether a check is under way on this node. */
  isChecking(id: string): boolean {
    return this.#runs.has(id);
  }

  /** A check as good as any: the one under way, or a new one. */
  async check(scope: TenantScope, id: string): Promise<void> {
    return (this.#runs.get(id) ?? this.#start(scope, id)).running;
  }

  /** A check that begins after this call: waits for the one under way, then runs once for all who asked. */
  async recheck(scope: TenantScope, id: string): Promise<void> {
    const runs = this.#runs.get(id);
    if (!runs) return this.check(scope, id);
    runs.next ??= runs.running.then(() => this.check(scope, id));
    return runs.next;
  }

  #start(scope: TenantScope, id: string): Runs {
    const running = this.#places
      .run(() => this.#run(scope, id))
      .catch((error: unknown) => {
        this.#logger.error({ err: error, issuer: id }, 'An issuer could not be checked.');
      })
      .finally(() => {
        this.#runs.delete(id);
      });
    const runs: Runs = { running };
    this.#runs.set(id, runs);
    return runs;
  }

  async #run(scope: TenantScope, id: string): Promise<void> {
    const ticket = await this.issuers.beginCheck(scope, id);
    const issuer = ticket && (await this.issuers.get(scope, id));
    // It may have become another issuer while this check waited: nobody makes us fetch from a host
    // that nobody has shown to be theirs.
    if (!ticket || !issuer?.ownershipProvenAt) return;
    const startedAt = this.clock.monotonicMs();
    const verdict = await this.keys.look(issuer.issuer, issuer.keySource);
    const tookMs = Math.round(this.clock.monotonicMs() - startedAt);
    const finding = { ticket, verdict, tookMs };
    const counts = await this.database.within(scope, (tx) => this.verdicts.settle(tx, id, finding));
    if (!counts) return;
    this.#counts.set(verdict.verdict, (this.#counts.get(verdict.verdict) ?? 0) + 1);
  }
}

/** Until when the keys of an issuer that was confirmed then are believed. */
export function keysTrustedUntil({ keySource, keySetConfirmedAt }: Issuer): Date | null {
  // Keys that were written into the registration come from nowhere: they cannot get stale.
  if (keySource.kind === 'inline' || !keySetConfirmedAt) return null;
  return new Date(keySetConfirmedAt.getTime() + UNVERIFIED_FOR_SECONDS * 1_000);
}
