import { OAuthRefusal } from './oauth-refusal.js';
import type { Problem } from './problem.js';

interface OAuthProblem {
  readonly status: number;
  readonly body: { readonly error: string; readonly error_description: string };
}

// RFC 6749 knows no 422.
const STATUS_IN_OAUTH: Readonly<Record<number, number>> = { 422: 400 };

const ERROR_OF_STATUS: Readonly<Record<number, string>> = {
  401: 'invalid_client',
  403: 'access_denied',
  429: 'temporarily_unavailable',
  503: 'temporarily_unavailable',
};

/** Tells a problem as RFC 6749 §5.2 asks. */
export function toOAuthProblem(error: unknown, problem: Problem): OAuthProblem {
  return {
    status: STATUS_IN_OAUTH[problem.status] ?? problem.status,
    body: {
      error: error instanceof OAuthRefusal ? error.error : errorOf(problem),
      error_description: descriptionOf(problem),
    },
  };
}

function errorOf({ status, code }: Problem): string {
  // RFC 7662 §2.3: a caller with a bad bearer token is answered by RFC 6750.
  if (code === 'access.token_invalid') return 'invalid_token';
  return ERROR_OF_STATUS[status] ?? (status >= 500 ? 'server_error' : 'invalid_request');
}

function descriptionOf({ detail, errors = [] }: Problem): string {
  const text = errors.length > 0 ? errors.map(({ message }) => message).join('; ') : detail;
  // The characters that RFC 6749 §5.2 allows here.
  return text.replace(/[^\x20\x21\x23-\x5b\x5d-\x7e]/g, "'");
}
