import type { FastifyReply } from 'fastify';

import type { Decision, LimitState } from '../engine/quota-engine.js';

/** Proxies refuse headers that are long: the body has all limits. */
const ITEMS_MAX = 20;
/** An Integer of RFC 9651 has at most 15 digits. */
const INTEGER_MAX = 999_999_999_999_999;

/**
 * `RateLimit` and `RateLimit-Policy`, one item for the tightest limit of each kind, the one that
 * refused before them (draft-ietf-httpapi-ratelimit-headers-10): `"api-calls/day";r=37;t=3600`.
 */
export function setRateLimitHeaders(
  reply: Pick<FastifyReply, 'header'>,
  decision: Pick<Decision, 'limits' | 'refusedBy'>,
): void {
  let policies = '';
  let states = '';
  for (const { kind, name, quota, windowSeconds, remaining, resetSeconds } of toldOf(decision)) {
    const comma = policies === '' ? '' : ', ';
    policies += `${comma}"${kind}/${name}";q=${integer(quota)};w=${integer(windowSeconds)}`;
    states += `${comma}"${kind}/${name}";r=${integer(remaining)};t=${integer(resetSeconds)}`;
  }
  if (policies === '') return;
  void reply.header('RateLimit-Policy', policies).header('RateLimit', states);
}

function toldOf({ limits, refusedBy }: Pick<Decision, 'limits' | 'refusedBy'>): LimitState[] {
  // Of each kind the first one is the tightest.
  const byKind = new Map<string, LimitState>();
  if (refusedBy) byKind.set(refusedBy.kind, refusedBy);
  for (const limit of limits) {
    if (byKind.size === ITEMS_MAX) break;
    if (!byKind.has(limit.kind)) byKind.set(limit.kind, limit);
  }
  return [...byKind.values()];
}

function integer(value: number): number {
  return Math.min(value, INTEGER_MAX);
}
