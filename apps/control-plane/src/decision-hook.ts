import type { FastifyReply, FastifyRequest } from 'fastify';

import type { GuardedRequest } from '@tenantry/access';
import type { Decisions } from '@tenantry/audit';

/** Refusals are told by the filter, which knows why. */
const REFUSED: ReadonlySet<number> = new Set([401, 403, 429]);

/**
 * Keeps receipts of what the guard let by, whatever the route answers then. Before the answer is
 * sent: whoever asks for its receipt next is to find it.
 */
export function keepAllowed(decisions: Decisions) {
  return (
    request: FastifyRequest & GuardedRequest,
    { statusCode }: FastifyReply,
    _: unknown,
    done: () => void,
  ): void => {
    if (wasLetBy(request) && !REFUSED.has(statusCode)) decisions.noteAllowed(request, statusCode);
    done();
  };
}

/** A tenant's route without a tenant was refused as well: there is none by that name. */
function wasLetBy({ access, caller }: GuardedRequest): boolean {
  if (!access || !caller) return false;
  return access.kind !== 'tenant' || caller.tenant !== null;
}
