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

  constructor() {
    super('This trail is being verified already; wait for that answer.');
  }
}

export class NothingToSign extends DomainError {
  readonly code = 'audit.nothing_to_sign';
  readonly kind = 'conflict';

  constructor() {
    super('Nothing stands on this trail yet.');
  }
}
