import { DomainError, type FieldError } from '@tenantry/kernel';

export class IssuerNotFound extends DomainError {
  readonly code = 'issuers.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This tenant trusts no issuer with that id.');
  }
}

/** Never says whose the other registration is, nor that it is another tenant's at all. */
export class IssuerNotDisjoint extends DomainError {
  readonly code = 'issuers.not_disjoint';
  readonly kind = 'conflict';

  constructor() {
    super(
      'Tokens of this registration could belong to another one. Choose other audiences, or the same discriminator with another value.',
    );
  }
}

export class IssuerLimitReached extends DomainError {
  readonly code = 'issuers.limit_reached';
  readonly kind = 'conflict';

  constructor(limit: number) {
    super(`A tenant trusts at most ${limit} issuers.`);
  }
}

/** A registration that cannot be trusted as it stands; says which field, and why. */
export class RegistrationInvalid extends DomainError {
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  constructor(
    readonly code: `issuers.${string}`,
    error: FieldError,
  ) {
    super('The issuer cannot be registered like this: errors says why.');
    this.errors = [error];
  }
}
