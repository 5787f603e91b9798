/** Why an operation was refused, in words that know nothing of HTTP. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'stale'
  | 'too_large'
  | 'invalid'
  | 'precondition_missing'
  | 'exhausted'
  | 'broken'
  | 'unavailable';

/** One wrong field of a request body: where (JSON pointer, RFC 6901) and what to do about it. */
export interface FieldError {
  readonly pointer: string;
  readonly message: string;
}

/**
 * A refusal that the caller can act on.
 *
 * `code` is public and never changes once released; `message` is public and may.
 * Whatever an operator needs and a caller must not see goes into `cause`.
 */
export abstract class DomainError extends Error {
  abstract readonly code: `${string}.${string}`;
  abstract readonly kind: ErrorKind;

  /** After how many seconds the same request may succeed; becomes `Retry-After`. */
  readonly retryAfterSeconds?: number;
  readonly errors?: readonly FieldError[];
  /** What else the caller is told, by name: extension members of the problem (RFC 9457 §3.2). */
  readonly details?: Readonly<Record<string, unknown>>;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}
