import {
  bearerTokenOf,
  IssuerPending,
  MembershipMissing,
  readUnverified,
  TenantMissing,
  TenantSuspended,
  TokenInvalid,
  verifyToken,
} from '@tenantry/access';
import { Clock, DomainError } from '@tenantry/kernel';
import type { Issuer } from '../issuer.js';
import { isDistrusted } from '../issuer-rules.js';
import { keysTrustedUntil } from '../validator.js';
import type { Entry } from './entry.js';
import type { Examination, Held } from './examination.js';

/** One moment, so that no check sees another one than the verdict does. */
class Moment extends Clock {
  constructor(private readonly moment: Date) {
    super();
  }

  now(): Date {
    return this.moment;
  }

  monotonicMs(): number {
    return this.moment.getTime();
  }
}

/**
 * What the guard would refuse the token with; null: it would let it by. Found out by the guard's
 * own functions, in its order, so that the checks can explain the verdict and never make it.
 */
export async function refusalOf(exam: Examination, entry: Entry): Promise<DomainError | null> {
  try {
    await letBy(exam);
    enter(entry);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}

async function letBy({ token, choice, held, now }: Examination): Promise<void> {
  const bearer = bearerTokenOf(`Bearer ${token}`);
  readUnverified(bearer);
  if (!held || choice.takers !== 1) throw new TokenInvalid('unknown_issuer');
  assertServing(held.issuer);
  const { trusted: issuer } = held;
  await verifyToken(bearer, { issuer, key: believedKey(held, now), clock: new Moment(now) });
}

function assertServing({ status, healthState }: Issuer): void {
  if (status === 'disabled' || healthState === 'disabled') {
    throw new TokenInvalid('issuer_disabled');
  }
  if (healthState === 'pending') throw new IssuerPending();
}

function believedKey({ issuer, key }: Held, now: Date): NonNullable<Held['key']>['trusted'] {
  const trustedUntil = keysTrustedUntil(issuer);
  if (!key || !issuer.keySet || (trustedUntil && now >= trustedUntil))
    throw new TokenInvalid('unknown_key');
  if (isDistrusted(issuer, key.usable)) throw new TokenInvalid('key_distrusted');
  return key.trusted;
}

function enter({ tenant, admission }: Entry): void {
  if (!tenant) throw new TenantMissing();
  if (!admission || admission.outcome === 'refused') throw new MembershipMissing();
  if (tenant.status === 'suspended') throw new TenantSuspended();
}
