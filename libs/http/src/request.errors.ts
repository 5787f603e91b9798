import { DomainError, type FieldError } from '@tenantry/kernel';

/** So many wrong places are told, of however many there are. */
export const FIELD_ERRORS_MAX = 50;

/** The body, the query or the path does not have the form that the route asks for. */
export class RequestInvalid extends DomainError {
  readonly code = 'request.invalid';
  readonly kind = 'invalid';

  override readonly errors: readonly FieldError[];

  constructor(errors: readonly FieldError[]) {
    super('Some of what was sent is missing, malformed or unknown: errors names each place.');
    this.errors = errors.slice(0, FIELD_ERRORS_MAX);
  }
}

/** A cursor that this list, with these filters, did not hand out. */
export class CursorInvalid extends DomainError {
  readonly code = 'request.cursor_invalid';
  readonly kind = 'invalid';

  constructor() {
    super('This cursor belongs to another list or other filters: start again without a cursor.');
  }
}

/** `If-Match` names a revision that is not, or no longer, the current one. */
export class RevisionStale extends DomainError {
  readonly code = 'request.revision_stale';
  readonly kind = 'stale';

  constructor() {
    super('The resource has another revision by now: read it again, then send its ETag.');
  }
}

export class PreconditionMissing extends DomainError {
  readonly code = 'request.precondition_required';
  readonly kind = 'precondition_missing';

  constructor() {
    super('This change needs If-Match: read the resource, and send the ETag that came with it.');
  }
}

export class IfMatchMalformed extends DomainError {
  readonly code = 'request.if_match_malformed';
  readonly kind = 'malformed';

  constructor() {
    super('If-Match is * or a quoted entity tag, as it came in ETag: If-Match: "7".');
  }
}

export class IfNoneMatchMalformed extends DomainError {
  readonly code = 'request.if_none_match_malformed';
  readonly kind = 'malformed';

  constructor() {
    super('If-None-Match can only be * here: create it, or fail where it exists already.');
  }
}

export class IdempotencyKeyInvalid extends DomainError {
  readonly code = 'request.idempotency_key_invalid';
  readonly kind = 'malformed';

  constructor() {
    super('An Idempotency-Key is 1 to 255 visible ASCII characters, without blanks.');
  }
}

/** The key was used before, for another body: to answer either request would be wrong. */
export class IdempotencyMismatch extends DomainError {
  readonly code = 'request.idempotency_mismatch';
  readonly kind = 'invalid';

  constructor() {
    super('This Idempotency-Key was used with another body: take a new key for a new request.');
  }
}

export class IdempotencyRunning extends DomainError {
  readonly code = 'request.idempotency_running';
  readonly kind = 'conflict';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('A request with this Idempotency-Key is still running: ask again in a second.');
  }
}
