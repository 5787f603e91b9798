import { DomainError, type FieldError } from '@tenantry/kernel';
import type { Outcome } from './message-sender.js';

export class AuditSinkNotFound extends DomainError {
  readonly code = 'audit.sink_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This tenant has no sink with that id.');
  }
}

export class AuditSinkLimitReached extends DomainError {
  readonly code = 'audit.sink_limit_reached';
  readonly kind = 'conflict';

  constructor(max: number) {
    super(`A tenant has at most ${max} sinks.`);
  }
}

/** A URL to which nothing can ever be sent. */
export class AuditSinkUrlForbidden extends DomainError {
  readonly code = 'audit.sink_url_forbidden';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  constructor(message: string) {
    super('Nothing can be sent to this URL: errors says why.');
    this.errors = [{ pointer: '/url', message }];
  }
}

export class AuditDeadLetterNotFound extends DomainError {
  readonly code = 'audit.dead_letter_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This sink has no dead letter with that id.');
  }
}

export class AuditDeadLetterEmpty extends DomainError {
  readonly code = 'audit.dead_letter_empty';
  readonly kind = 'conflict';

  constructor() {
    super('What this message held has left the trail since.');
  }
}

/** The receiver did not take it: `details` say what it answered, or why it did not. */
export class AuditSinkFailed extends DomainError {
  readonly code = 'audit.sink_failed';
  readonly kind = 'unavailable';
  override readonly details: Readonly<Record<string, unknown>>;

  constructor({ status, reason }: Outcome) {
    super('The sink did not take the message.');
    this.details = { sinkStatus: status, sinkReason: reason };
  }
}

export class AuditSinkBusy extends DomainError {
  readonly code = 'audit.sink_busy';
  readonly kind = 'exhausted';
  override readonly retryAfterSeconds = 15;

  constructor() {
    super('Something is being sent to this sink on request already: wait for that answer.');
  }
}
