import { SecondFactorRequired, TenantSuspended, TenantTerminating } from './access.errors.js';
import type { Actor } from './actor.js';
import type { TenantState } from './tenant-directory.js';

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Refuses whom the state of their own tenant keeps out of it; `method` tells reading from writing. */
export function refuseState(tenant: TenantState, actor: Actor, method: string): void {
  const { status, requiresSecondFactor } = tenant;
  if (status === 'suspended') throw new TenantSuspended();
  if (status === 'terminating' && !READING.has(method)) throw new TenantTerminating();
  // An issuer's people show theirs to the issuer.
  if (requiresSecondFactor && actor.kind === 'person' && !actor.hasSecondFactor) {
    throw new SecondFactorRequired();
  }
}
