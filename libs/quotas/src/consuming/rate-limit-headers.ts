import type { FastifyReply } from 'fastify';

import type { LimitState } from '../engine/quota-engine.js';

/**
 * `RateLimit` and `RateLimit-Policy`, one item for each limit that was asked
 * (draft-ietf-httpapi-ratelimit-headers-10): `"api-calls/day";r=37;t=3600`.
 */
export function setRateLimitHeaders(reply: FastifyReply, limits: readonly LimitState[]): void {
  if (limits.length === 0) return;
  let policies = '';
  let states = '';
  for (const { kind, name, quota, windowSeconds, remaining, resetSeconds } of limits) {
    const comma = policies === '' ? '' : ', ';
    policies += `${comma}"${kind}/${name}";q=${quota};w=${windowSeconds}`;
    states += `${comma}"${kind}/${name}";r=${remaining};t=${resetSeconds}`;
  }
  void reply.header('RateLimit-Policy', policies).header('RateLimit', states);
}
