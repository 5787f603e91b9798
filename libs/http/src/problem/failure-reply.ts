import type { FastifyReply, FastifyRequest } from 'fastify';

import { speaksOAuth } from '../speaks-oauth.js';
import { logFailure } from './failure-log.js';
import { toOAuthProblem } from './oauth-problem.js';
import { OAuthRefusal } from './oauth-refusal.js';
import { headersOf, type Problem, toProblem } from './problem.js';

/**
 * Answers a refusal or a failure, wherever it came from.
 *
 * Fastify calls it too, for errors before any route is known (`frameworkErrors`).
 */
export function answerFailure(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const problem = toProblem(error, request.id);
  logFailure(error, problem, request);

  if (reply.sent || reply.raw.headersSent) {
    // Half an answer is on its way: cutting the connection is the only sign left to the caller.
    if (!reply.raw.writableEnded) reply.raw.destroy();
    return;
  }
  void reply.headers({ 'x-request-id': problem.requestId, ...headersOf(error, problem) });
  if (error instanceof OAuthRefusal || speaksOAuth(request)) {
    sendOAuthProblem(error, problem, reply);
  } else {
    void reply.status(problem.status).type('application/problem+json').send(problem);
  }
}

function sendOAuthProblem(error: unknown, problem: Problem, reply: FastifyReply): void {
  const { status, body } = toOAuthProblem(error, problem);
  if (body.error === 'invalid_client' && status === 401) {
    // RFC 6749 §5.2: a client that failed to authenticate is told the scheme that it may use.
    void reply.header('www-authenticate', 'Basic realm="tenantry"');
  }
  void reply.status(status).header('pragma', 'no-cache').type('application/json').send(body);
}
