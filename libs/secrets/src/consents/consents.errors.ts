import { DomainError, type FieldError } from '@tenantry/kernel';

export class ConsentAccountUnknown extends DomainError {
  readonly code = 'secrets.consent_account_unknown';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  /** `places`: which of the consents name no engine. */
  constructor(places: readonly number[]) {
    super(
      'Consent is given to engines alone, by their client id or their id: errors says to whom.',
    );
    this.errors = places.map((place) => ({
      pointer: `/${place}/serviceAccount`,
      message: 'names no active engine',
    }));
  }
}
