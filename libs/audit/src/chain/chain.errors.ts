import { DomainError } from '@tenantry/kernel';

/** A record is not what it was when it was written. No answer to anybody: it is for the log. */
export class ChainBroken extends Error {
  override readonly name = 'ChainBroken';

  constructor(
    readonly trail: string,
    readonly sequence: number,
  ) {
    super(`The audit trail ${trail} is broken at record ${String(sequence)}.`);
  }
}

export class NothingSignedHere extends DomainError {
  readonly code = 'audit.unsigned';
  readonly kind = 'conflict';

  constructor(options?: ErrorOptions) {
    super(
      'No checkpoint can vouch for this: the trail is broken. Verify it to see where.',
      options,
    );
  }
}

export class TooManyVerifications extends DomainError {
  readonly code = 'audit.verification_running';
  readonly kind = 'exhausted';

  override readonly retryAfterSeconds = 5;

  constructor() {
    super('This trail, or as many others as one node can, is being verified: ask again shortly.');
  }
}

export class NothingToSign extends DomainError {
  readonly code = 'audit.nothing_to_sign';
  readonly kind = 'conflict';

  constructor() {
    super('Nothing stands on this trail yet.');
  }
}

export class RetentionRunning extends DomainError {
  readonly code = 'audit.retention_running';
  readonly kind = 'conflict';
  override readonly retryAfterSeconds = 10;

  constructor() {
    super('Old records are being removed while they are verified: ask again shortly.');
  }
}
