import type { FastifyRequest } from 'fastify';

/** Says who is calling, once the guard has let the request by. */
export abstract class RequestIdentity {
  /** One text for one caller, whatever their token is; `null` where nobody is authenticated. */
  abstract of(request: FastifyRequest): string | null;
}
