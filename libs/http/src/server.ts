import type { FastifyInstance, FastifyRequest } from 'fastify';

import { answerClientError } from './problem/client-error.js';
import { answerFailure } from './problem/failure-reply.js';
import { echoRequestId, requestIdOf } from './request-id.js';
import { refuseForeignMedia } from './validation/media-type.js';
import { refuseUnfitShape } from './validation/request-shape.js';

const BODY_BYTES_MAX = 1_048_576;

/** What Fastify must be told when it is made: the parts of the pipeline that run before any hook. */
export const FASTIFY_OPTIONS = {
  bodyLimit: BODY_BYTES_MAX,
  genReqId: requestIdOf,
  frameworkErrors: answerFailure,
  clientErrorHandler: answerClientError,
} as const;

type JsonParser = (
  request: FastifyRequest,
  body: Buffer,
  done: (error: Error | null, parsed?: unknown) => void,
) => void;

/**
 * Reads JSON as Fastify does, and takes an empty body for none: many clients name the type of a
 * body on every request, `POST …/resume` without one included.
 */
export function lenientJsonParser(fastify: FastifyInstance): JsonParser {
  const parse = fastify.getDefaultJsonParser('error', 'error') as unknown as JsonParser;
  return (request, body, done) => {
    if (body.length === 0) done(null, undefined);
    else parse(request, body, done);
  };
}

/** The hooks that every request passes before Nest sees it. */
export function addRequestHooks(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', echoRequestId);
  fastify.addHook('onRequest', refuseForeignMedia);
  fastify.addHook('preValidation', refuseUnfitShape);
}
