import { DomainError } from '@tenantry/kernel';

/** One wording whether the tenant, the issuer or the client is missing. */
export class SignInUnknown extends DomainError {
  readonly code = 'signin.provider_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no such provider to sign in at.');
  }
}

/** Not begun by this browser, over for too long, or another one than was begun. */
export class TransactionInvalid extends DomainError {
  readonly code = 'signin.transaction_invalid';
  readonly kind = 'unauthenticated';

  constructor(options?: ErrorOptions) {
    super('This sign-in was not begun in this browser, or too long ago. Begin anew.', options);
  }
}

/** The provider said no; in which words is between it and the person. */
export class ProviderRefused extends DomainError {
  readonly code = 'signin.provider_refused';
  readonly kind = 'unauthenticated';

  constructor(options?: ErrorOptions) {
    super('The provider did not let you sign in.', options);
  }
}

/** What the provider said of the person does not hold. */
export class ProviderAnswerInvalid extends DomainError {
  readonly code = 'signin.provider_answer_invalid';
  readonly kind = 'unauthenticated';

  constructor(options?: ErrorOptions) {
    super('The answer of the provider does not hold. Begin anew.', options);
  }
}

/** The provider cannot be reached, or does not publish what it must. */
export class ProviderUnavailable extends DomainError {
  readonly code = 'signin.provider_unavailable';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 5;

  constructor(options?: ErrorOptions) {
    super('The provider cannot be reached from here at present.', options);
  }
}
