import { UnsupportedMediaTypeException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { RequestInvalid } from '../request.errors.js';
import { speaksOAuth } from '../speaks-oauth.js';
import { NDJSON, takesNdjson } from './ndjson.js';

const JSON_BODY = 'application/json';
const FORM_BODY = 'application/x-www-form-urlencoded';
const WITHOUT_BODY = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses a body in a form that the route does not speak.
 *
 * Fastify reads plain text, and Nest teaches it forms, on every route alike; RFC 6749 §4.4.2 wants
 * a form and nothing else, and everything else here is JSON.
 */
export function refuseForeignMedia(
  request: FastifyRequest,
  _reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  const given = request.headers['content-type'];
  const isKnown = request.routeOptions.url !== undefined;
  if (given === undefined || !isKnown || WITHOUT_BODY.has(request.method)) {
    done();
    return;
  }
  done(flawOf(given, request));
}

function flawOf(given: string, request: FastifyRequest): Error | undefined {
  const type = given.split(';', 1)[0]?.trim().toLowerCase();
  if (type === NDJSON && takesNdjson(request)) {
    if (request.headers['idempotency-key'] === undefined) return undefined;
    const message = 'is for one request: give each line a key of its own';
    return new RequestInvalid([{ pointer: '/headers/idempotency-key', message }]);
  }
  const wanted = speaksOAuth(request) ? FORM_BODY : JSON_BODY;
  return type === wanted ? undefined : new UnsupportedMediaTypeException();
}
