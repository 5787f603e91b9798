import { Injectable } from '@nestjs/common';

import { AuditTrail, TENANTRY } from '@tenantry/audit';
import type { TenantTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { issuerKey } from './claims-registry.js';
import { type HealthState, nextHealth } from './health.js';
import { type Issuer, urlsOf } from './issuer.js';
import { IssuersRepository, type IssuerUpdate } from './issuers.repository.js';
import { keyEvents } from './key-events.js';
import type { KeyVerdict } from './keys/key-fetcher.js';
import { recheckDelaySeconds } from './recheck-delay.js';
import { VerdictLog } from './verdict-log.js';

/** Which check is speaking: a verdict counts only for the configuration that it looked at. */
export interface Ticket {
  readonly epoch: number;
  readonly check: number;
}

/** What a check has found, and how long it took. */
export interface Finding {
  readonly ticket: Ticket;
  readonly verdict: KeyVerdict;
  readonly tookMs: number;
}

/** Writes down what the checks of issuers find, and tells whoever must know. */
@Injectable()
export class Verdicts {
  constructor(
    private readonly issuers: IssuersRepository,
    private readonly log: VerdictLog,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Settles a check; false where its verdict came too late to count. */
  async settle(
    tx: TenantTransaction,
    id: string,
    { ticket, verdict, tookMs }: Finding,
  ): Promise<boolean> {
    const issuer = await this.issuers.lockIfThere(tx, id);
    // The registration may be gone or another one by now, or a later check may have spoken.
    if (issuer?.epoch !== ticket.epoch || ticket.check <= issuer.checkSettled) return false;

    const update = this.#updateOf(issuer, verdict, ticket.check);
    const { healthState, healthReason = null, lastCheckedAt: at } = update;
    await this.log.add(tx, id, {
      at,
      verdict: verdict.verdict,
      reason: healthReason,
      healthState,
      tookMs,
    });
    const hasNewKeys = verdict.verdict === 'ok' && !isSameSet(issuer.keySet, verdict.published);
    const hasNewHealth = healthState !== issuer.healthState;
    if (!hasNewKeys && !hasNewHealth) {
      await this.issuers.confirm(tx, id, update);
      return true;
    }
    await this.issuers.update(tx, id, update);
    if (hasNewHealth) await this.#tellOfHealth(tx, issuer, update);
    if (verdict.verdict === 'ok') {
      for (const deed of keyEvents(issuer, verdict.published))
        this.audit.record(tx, TENANTRY, deed);
    }
    announceIssuer(tx, issuer);
    return true;
  }

  #updateOf(
    issuer: Issuer,
    verdict: KeyVerdict,
    check: number,
  ): IssuerUpdate & { readonly healthState: HealthState; readonly lastCheckedAt: Date } {
    const now = this.clock.now();
    const sinceSeconds = (now.getTime() - issuer.healthSince.getTime()) / 1_000;
    const healthState = nextHealth(issuer.healthState, verdict.verdict, sinceSeconds);
    const checksFailed = verdict.verdict === 'ok' ? 0 : issuer.checksFailed + 1;
    return {
      healthState,
      healthReason: verdict.verdict === 'ok' ? null : verdict.reason,
      healthSince: healthState === issuer.healthState ? issuer.healthSince : now,
      lastCheckedAt: now,
      nextCheckAt: nextCheckOf(issuer, checksFailed, now),
      checkSettled: check,
      checksFailed,
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

/** Tells every node that what it knows of an issuer is old, by each of its URLs. */
export function announceIssuer(
  tx: TenantTransaction,
  issuer: Pick<Issuer, 'id' | 'issuer' | 'issuerAliases'>,
): void {
  const { id } = issuer;
  for (const url of urlsOf(issuer)) {
    tx.announce({ kind: 'issuer', id, tenantId: tx.tenantId, key: issuerKey(url) });
  }
}

/** Null where there is nothing to fetch, and so nothing to look at again. */
function nextCheckOf({ keySource }: Issuer, checksFailed: number, now: Date): Date | null {
  if (keySource.kind === 'inline') return null;
  return new Date(now.getTime() + recheckDelaySeconds(checksFailed, Math.random()) * 1_000);
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
