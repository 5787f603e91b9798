import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import type { GuardedRequest } from '@tenantry/access';
import { RequestIdentity } from '@tenantry/http';

/** Whose idempotency keys are whose: a caller's, in one tenant, whatever the token. */
@Injectable()
export class CallerIdentity extends RequestIdentity {
  of({ caller }: FastifyRequest & GuardedRequest): string | null {
    if (!caller) return null;
    const { issuer, id } = caller.actor;
    return JSON.stringify([issuer, id, caller.tenant?.id ?? null]);
  }
}
