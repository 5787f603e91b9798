import { DomainError, type ErrorKind, type FieldError } from '@tenantry/kernel';
import { frameworkRefusalOf } from './framework-refusals.js';
import { OAuthRefusal } from './oauth-refusal.js';
import { titleOf } from './status-title.js';

/** The only place where a refusal becomes a status code. */
export const STATUS_OF: Readonly<Record<ErrorKind, number>> = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  invalid: 422,
  precondition_missing: 428,
  exhausted: 429,
  broken: 500,
  unavailable: 503,
};

/** A refusal or a failure as RFC 9457 tells it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: string;
  readonly detail: string;
  readonly requestId: string;
  readonly errors?: readonly FieldError[];
}

const UNEXPECTED = {
  status: 500,
  code: 'internal.unexpected',
  detail: 'Something went wrong on our side.',
};

/** Tells any error in public words: what is not meant for the caller becomes a bare 500. */
export function toProblem(error: unknown, requestId: string): Problem {
  if (error instanceof DomainError) {
    const { kind, code, message, errors, details } = error;
    const problem = problemOf({ status: STATUS_OF[kind], code, detail: message }, requestId);
    return { ...details, ...problem, ...(errors && { errors }) };
  }
  if (error instanceof OAuthRefusal) {
    const { status, description } = error;
    return problemOf({ status, code: `oauth.${error.error}`, detail: description }, requestId);
  }
  return problemOf(frameworkRefusalOf(error) ?? UNEXPECTED, requestId);
}

/** The headers that belong to the refusal (RFC 9110 §11.6.1 and §10.2.3). */
export function headersOf(error: unknown, { status, code }: Problem): Record<string, string> {
  const seconds = error instanceof DomainError ? error.retryAfterSeconds : undefined;
  const headers: Record<string, string> = { 'cache-control': 'no-store' };
  if (status === 401) headers['www-authenticate'] = challengeOf(code);
  if (status === 429 || status === 503 || seconds !== undefined) {
    headers['retry-after'] = String(Math.max(1, Math.ceil(seconds ?? 1)));
  }
  return headers;
}

// RFC 6750 §3.1: a request without a credential is told the scheme and nothing more.
function challengeOf(code: string): string {
  const challenge = 'Bearer realm="tenantry"';
  return code === 'access.token_invalid' ? `${challenge}, error="invalid_token"` : challenge;
}

function problemOf(
  { status, code, detail }: Pick<Problem, 'status' | 'code' | 'detail'>,
  requestId: string,
): Problem {
  return {
    type: `urn:tenantry:problem:${code}`,
    title: titleOf(status),
    status,
    code,
    detail,
    requestId,
  };
}
