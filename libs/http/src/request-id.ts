import type { IncomingMessage } from 'node:http';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { newId } from '@tenantry/kernel';

// What is safe in a log line, a header and a URL alike, and long enough to be one of a kind.
const WELL_FORMED = /^[A-Za-z0-9._-]{8,128}$/;

/** The caller's `X-Request-Id` where it is well formed, else a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && WELL_FORMED.test(given) ? given : newId();
}

/** Tells the caller under which id the request was logged. */
export function echoRequestId(
  { id }: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  void reply.header('x-request-id', id);
  done();
}
