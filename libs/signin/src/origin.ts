import type { FastifyRequest } from 'fastify';

import type { RequestOrigin } from '@tenantry/access';

/** Where a request on a public route came from, for the record. */
export function originOf({ id, ip, headers }: FastifyRequest): RequestOrigin {
  return { requestId: id, ip, userAgent: headers['user-agent'] ?? null };
}
