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

export class IssuerKeyNotFound extends DomainError {
  readonly code = 'issuers.key_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('The issuer publishes no key with that kid or thumbprint.');
  }
}

/** The record that would show whose the issuer is cannot be found, or cannot exist. */
export class OwnershipUnproven extends DomainError {
  readonly code = 'issuers.ownership_unproven';
  readonly kind = 'conflict';

  private constructor(message: string) {
    super(message);
  }

  static byRecord(): OwnershipUnproven {
    return new OwnershipUnproven(
      'No DNS record can show that this issuer is yours: ask the platform to approve it.',
    );
  }

  static ofGuest(): OwnershipUnproven {
    return new OwnershipUnproven(
      'A guest’s issuer is somebody else’s, and never proven: a second person approves it.',
    );
  }

  static missing(names: readonly string[], value: string): OwnershipUnproven {
    return new OwnershipUnproven(
      `There is no TXT record "${value}" at ${names.join(', ')} yet. A new one takes a while to spread.`,
    );
  }
}

export class OwnershipLookupFailed extends DomainError {
  readonly code = 'issuers.ownership_lookup_failed';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 10;

  constructor(name: string, options?: ErrorOptions) {
    super(`The records of ${name} could not be looked up. Try again shortly.`, options);
  }
}

/** A registration refuses so many keys already that one more could not be remembered. */
export class DistrustLimitReached extends DomainError {
  readonly code = 'issuers.distrust_limit_reached';
  readonly kind = 'conflict';

  constructor(limit: number) {
    super(
      `An issuer has at most ${limit} distrusted keys: disable the issuer, or register it anew.`,
    );
  }
}

/** What was shown, was shown of another configuration than the present one. */
export class IssuerChangedMeanwhile extends DomainError {
  readonly code = 'issuers.changed_meanwhile';
  readonly kind = 'conflict';

  constructor() {
    super('The issuer was changed meanwhile: look at it, and try again.');
  }
}

/** Nobody of the tenant answers for a guest. */
export class SponsorUnknown extends DomainError {
  readonly code = 'issuers.sponsor_unknown';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[] = [
    { pointer: '/guest/sponsor', message: 'is no active member of this tenant' },
  ];

  constructor() {
    super('A guest needs a sponsor, who is an active member of this tenant.');
  }
}

export class SecondPersonRequired extends DomainError {
  readonly code = 'issuers.second_person_required';
  readonly kind = 'forbidden';

  constructor() {
    super(
      'A guest is approved by another person than the one who registered or last changed it. Neither of them is a service account.',
    );
  }
}

/** Signing in by a browser needs a provider of the tenant's own that can be discovered. */
export class SignInUnavailable extends DomainError {
  readonly code = 'issuers.sign_in_unavailable';
  readonly kind = 'invalid';

  constructor() {
    super(
      'People sign in through an issuer whose keys come from discovery, and that is no guest’s.',
    );
  }
}
