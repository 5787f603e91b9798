import type { ProblemCode } from './generated/schema.js';
import { retryAfterSeconds } from './retry-after.js';

/** The errors of RFC 6749, 6750 and 8693, which the routes under `/oauth` give. */
export type OAuthCode =
  | 'access_denied'
  | 'invalid_client'
  | 'invalid_grant'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'invalid_token'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type';

/** Every code that this version of the client knows. */
export type KnownCode = ProblemCode | OAuthCode | typeof UNREADABLE;

/** One wrong place of what was sent. */
export interface FieldError {
  /** A JSON pointer; empty for the whole body. */
  readonly pointer: string;
  readonly message: string;
}

interface Told {
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly FieldError[];
  readonly requestId?: string;
}

/** Where the answer is not the control plane's own: a proxy's page, a body cut short. */
const UNREADABLE = 'answer.unreadable';

/** An answer that is no success. It holds what the server said, and nothing of what was sent. */
export class TenantryError extends Error {
  override readonly name = 'TenantryError';
  /** The status of the answer. */
  readonly status: number;
  /** What programs decide by; a newer server may give codes that this version does not know. */
  readonly code: KnownCode | (string & Record<never, never>);
  /** What people read. */
  readonly detail: string;
  /** The id under which the server's log knows the request. */
  readonly requestId: string | null;
  /** Each wrong place of what was sent. */
  readonly errors: readonly FieldError[];
  /** After how many seconds to ask again, where the server says so. */
  readonly retryAfterSeconds: number | null;

  constructor({ status, headers }: Response, body: unknown, now = Date.now()) {
    const { code, detail, errors = [], requestId } = told(body) ?? unreadable(status);
    super(`${code} (${status}): ${detail}`);
    this.status = status;
    this.code = code;
    this.detail = detail;
    this.requestId = requestId ?? headers.get('X-Request-Id');
    this.errors = errors;
    this.retryAfterSeconds = retryAfterSeconds(headers, now);
  }

  /** Whether the answer bears this code; the compiler knows all that there are. */
  is<Code extends KnownCode>(code: Code): this is TenantryError & { readonly code: Code } {
    return this.code === code;
  }
}

/** The code in a body, whichever of the two standards it follows. */
export function codeIn(body: unknown): string | null {
  return told(body)?.code ?? null;
}

function told(body: unknown): Told | null {
  if (!isRecord(body)) return null;
  const { code, detail, errors, requestId } = body;
  if (typeof code === 'string') {
    return {
      code,
      detail: typeof detail === 'string' ? detail : '',
      errors: Array.isArray(errors) ? errors.filter(isFieldError) : [],
      ...(typeof requestId === 'string' && { requestId }),
    };
  }
  const { error, error_description: description } = body;
  if (typeof error !== 'string') return null;
  return { code: error, detail: typeof description === 'string' ? description : '' };
}

// What such a body holds is anybody's guess, so none of it is repeated.
function unreadable(status: number): Told {
  return { code: UNREADABLE, detail: `The answer of status ${status} is not one of Tenantry's.` };
}

function isFieldError(value: unknown): value is FieldError {
  return (
    isRecord(value) && typeof value['pointer'] === 'string' && typeof value['message'] === 'string'
  );
}

/** Whether `value` is an object with fields to look at. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
