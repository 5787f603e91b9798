import type { FastifyRequest } from 'fastify';

import type { Problem } from './problem.js';

const CAUSES_MAX = 5;

interface LoggedError {
  readonly type: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
  readonly cause?: LoggedError;
}

/** Writes down what went wrong: failures with their stack, refusals with their reason. */
export function logFailure(
  error: unknown,
  { status, code }: Problem,
  request: FastifyRequest,
): void {
  if (status >= 500) {
    request.log.error({ requestId: request.id, code, status, err: loggable(error) }, 'failed');
  } else {
    request.log.info({ requestId: request.id, code, status, reason: reasonOf(error) }, 'refused');
  }
}

/**
 * The parts of an error that are fit for a log.
 *
 * Field by field: the errors of HTTP clients and database drivers carry headers, parameters and
 * rows as properties, and a log must hold none of them.
 */
export function loggable(error: unknown, causesLeft = CAUSES_MAX): LoggedError {
  if (!(error instanceof Error)) return { type: typeof error, message: 'not an Error was thrown' };
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    ...('code' in error && { code: String(error.code) }),
    ...(stack !== undefined && { stack }),
    ...(cause !== undefined && causesLeft > 0 && { cause: loggable(cause, causesLeft - 1) }),
  };
}

/** What a refusal keeps from its caller: the fault that it names, or the error behind it. */
function reasonOf(error: unknown): string | undefined {
  if (error instanceof Error && 'fault' in error) return String(error.fault);
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : undefined;
}
