import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { AuditTrail, TENANTRY } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock, type TenantScope } from '@tenantry/kernel';
import { issuerKey } from './claims-registry.js';
import { nextHealth, UNVERIFIED_FOR_SECONDS } from './health.js';
import type { Issuer } from './issuer.js';
import { IssuersRepository, type IssuerUpdate } from './issuers.repository.js';
import { KeyFetcher, type KeyVerdict } from './keys/key-fetcher.js';
import { Semaphore } from './semaphore.js';

const CONCURRENT_CHECKS_MAX = 32;
const NEXT_CHECK_SECONDS = 600;

interface Runs {
  readonly running: Promise<void>;
  /** Shared by all who asked while the running one was under way. */
  next?: Promise<void>;
}

/** Which check is speaking: a verdict counts only for the configuration that it looked at. */
interface Ticket {
  readonly epoch: number;
  readonly check: number;
}

/**
 * Checks issuers and writes down the verdicts.
 *
 * One check an issuer at a time on this node; all nodes together are fenced by epoch and number.
 * One slow provider occupies one of many places, and delays nobody but itself.
 */
@Injectable()
export class Validator implements OnModuleDestroy {
  readonly #logger = new Logger(Validator.name);
  readonly #runs = new Map<string, Runs>();
  readonly #places = new Semaphore(CONCURRENT_CHECKS_MAX);

  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly keys: KeyFetcher,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async onModuleDestroy(): Promise<void> {
    await Promise.allSettled([...this.#runs.values()].map(({ next, running }) => next ?? running));
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

  /** The same as `check`, for whoever does not wait. */
  checkInBackground(scope: TenantScope, id: string): void {
    void this.check(scope, id);
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
    if (!issuer) return;
    const verdict = await this.keys.look(issuer.issuer, issuer.keySource);
    await this.database.within(scope, (tx) => this.#settle(tx, id, { ticket, verdict }));
  }

  async #settle(
    tx: TenantTransaction,
    id: string,
    { ticket, verdict }: { readonly ticket: Ticket; readonly verdict: KeyVerdict },
  ): Promise<void> {
    const issuer = await this.issuers.lock(tx, id);
    // The registration may be gone or another one by now, or a later check may have spoken.
    if (issuer?.epoch !== ticket.epoch) return;
    const settled = await this.issuers.settledCheck(tx, id);
    if (settled === null || ticket.check <= settled) return;

    const update = this.#updateOf(issuer, verdict, ticket.check);
    const hasNewKeys = verdict.verdict === 'ok' && !isSameSet(issuer.keySet, verdict.published);
    const hasNewHealth = update.healthState !== issuer.healthState;
    if (!hasNewKeys && !hasNewHealth) {
      await this.issuers.confirm(tx, id, update);
      return;
    }
    await this.issuers.update(tx, id, update);
    if (hasNewHealth) await this.#tellOfHealth(tx, issuer, update);
    tx.announce({ kind: 'issuer', id, tenantId: tx.tenantId, key: issuerKey(issuer.issuer) });
  }

  #updateOf(
    issuer: Issuer,
    verdict: KeyVerdict,
    check: number,
  ): IssuerUpdate & { healthState: string } {
    const now = this.clock.now();
    const sinceSeconds = (now.getTime() - issuer.healthSince.getTime()) / 1_000;
    const healthState = nextHealth(issuer.healthState, verdict.verdict, sinceSeconds);
    return {
      healthState,
      healthReason: verdict.verdict === 'ok' ? null : verdict.reason,
      healthSince: healthState === issuer.healthState ? issuer.healthSince : now,
      lastCheckedAt: now,
      nextCheckAt: new Date(now.getTime() + NEXT_CHECK_SECONDS * 1_000),
      checkSettled: check,
      ...(verdict.verdict === 'ok' ? { keySet: verdict.published, keySetConfirmedAt: now } : {}),
    };
  }

  async #tellOfHealth(
    tx: TenantTransaction,
    issuer: Issuer,
    { healthState, healthReason = null }: IssuerUpdate,
  ): Promise<void> {
    await this.issuers.reportHealth(tx);
    this.audit.record(tx, TENANTRY, {
      deed: 'issuer.health_changed',
      target: { kind: 'issuer', id: issuer.id, name: issuer.issuer },
      changes: { health: { before: issuer.healthState, after: healthState } },
      ...(healthReason === null ? {} : { reason: healthReason }),
    });
  }
}

function isSameSet(one: unknown, other: unknown): boolean {
  return canonical(one) === canonical(other);
}

/** PostgreSQL keeps no order of members: compared by sorted ones. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** Until when the keys of an issuer that was confirmed then are believed. */
export function keysTrustedUntil({ keySource, keySetConfirmedAt }: Issuer): Date | null {
  // Keys that were written into the registration come from nowhere: they cannot get stale.
  if (keySource.kind === 'inline' || !keySetConfirmedAt) return null;
  return new Date(keySetConfirmedAt.getTime() + UNVERIFIED_FOR_SECONDS * 1_000);
}
