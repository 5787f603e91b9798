import { DomainError, type FieldError } from '@tenantry/kernel';

export class SecretNotFound extends DomainError {
  readonly code = 'secrets.not_found';
  readonly kind = 'not_found';
  declare readonly errors?: readonly FieldError[];

  /** `pointer`: the place in the request that names it, where it names several. */
  constructor(pointer?: string) {
    super('This tenant has no secret with that name.');
    if (pointer !== undefined) this.errors = [{ pointer, message: 'names no secret' }];
  }
}

export class SecretVersionNotFound extends DomainError {
  readonly code = 'secrets.version_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This secret has no such version, or keeps it no longer.');
  }
}

export class SecretDestroyed extends DomainError {
  readonly code = 'secrets.destroyed';
  readonly kind = 'not_found';

  constructor() {
    super('The value of this version was destroyed, and cannot be brought back.');
  }
}

export class SecretExpired extends DomainError {
  readonly code = 'secrets.expired';
  readonly kind = 'not_found';

  constructor() {
    super('This version has expired: save a new value.');
  }
}

/** Of two who create it at once, one. */
export class SecretExists extends DomainError {
  readonly code = 'secrets.exists';
  readonly kind = 'stale';

  constructor() {
    super('There is a secret with that name already, and If-None-Match: * asks for a new one.');
  }
}

export class SecretLimitReached extends DomainError {
  readonly code = 'secrets.limit_reached';
  readonly kind = 'conflict';

  constructor() {
    super('This tenant has as many secrets as it may have: delete one first.');
  }
}

/** The kind of the actor decides, whatever it may do: a browser is no place for a secret. */
export class SecretServerOnly extends DomainError {
  readonly code = 'secrets.server_only';
  readonly kind = 'forbidden';

  constructor() {
    super('Values are revealed to service accounts alone, never to people or their sessions.');
  }
}

/** The same words whether or not there is such a secret. */
export class SecretConsentMissing extends DomainError {
  readonly code = 'secrets.consent_missing';
  readonly kind = 'forbidden';

  constructor() {
    super('The tenant has not consented to that: an engine reveals only what it was given.');
  }
}

/** Each by itself could be revealed. */
export class RevealTooLarge extends DomainError {
  readonly code = 'secrets.reveal_too_large';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[] = [
    { pointer: '/names', message: 'hold more than 1 MiB together' },
  ];

  constructor() {
    super('These values are too much for one answer: ask for fewer at once.');
  }
}

export class VaultSealedByTenant extends DomainError {
  readonly code = 'secrets.sealed';
  readonly kind = 'forbidden';

  constructor() {
    super('The tenant has sealed its vault: nothing is revealed until its admin unseals it.');
  }
}

/** The key service does not answer, or refuses to. */
export class VaultSealed extends DomainError {
  readonly code = 'secrets.vault_sealed';
  readonly kind = 'unavailable';

  constructor(
    override readonly retryAfterSeconds: number,
    options?: ErrorOptions,
  ) {
    super('The vault is sealed while its key service cannot be reached. Try again.', options);
  }
}

/** What is stored is not what was stored: it was altered, moved, or its key is another one. */
export class SecretBroken extends DomainError {
  readonly code = 'secrets.broken';
  readonly kind = 'broken';

  constructor(options?: ErrorOptions) {
    super('The stored value does not open. It may have been tampered with.', options);
  }
}
