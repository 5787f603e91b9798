/** What is known of an issuer, or of one part of a tenant. */
export type HealthState = 'pending' | 'healthy' | 'unverified' | 'disabled';

/** How a check ended. */
export type Verdict = 'ok' | 'transient' | 'permanent';

/** How long the last good keys of an unreachable issuer are believed. */
export const UNVERIFIED_FOR_SECONDS = 86_400;

const NEXT: Record<HealthState, Record<Verdict, HealthState>> = {
  pending: { ok: 'healthy', transient: 'pending', permanent: 'disabled' },
  healthy: { ok: 'healthy', transient: 'unverified', permanent: 'disabled' },
  unverified: { ok: 'healthy', transient: 'unverified', permanent: 'disabled' },
  // Left by a successful verdict alone: an outage must not open what a verdict has closed.
  disabled: { ok: 'healthy', transient: 'disabled', permanent: 'disabled' },
};

/** The state after a verdict; `sinceSeconds` is how long the present state has lasted. */
export function nextHealth(
  state: HealthState,
  verdict: Verdict,
  sinceSeconds: number,
): HealthState {
  const hasLapsed =
    state === 'unverified' && verdict === 'transient' && sinceSeconds > UNVERIFIED_FOR_SECONDS;
  return hasLapsed ? 'disabled' : NEXT[state][verdict];
}

const BEST_FIRST: readonly HealthState[] = ['healthy', 'unverified', 'pending', 'disabled'];

/** The best of several: one good issuer is enough for people to come in. None: nothing is wrong. */
export function bestOf(states: readonly HealthState[]): HealthState {
  return BEST_FIRST.find((state) => states.includes(state)) ?? 'healthy';
}
