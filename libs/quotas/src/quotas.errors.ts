import { DomainError } from '@tenantry/kernel';

/** The store of quotas cannot be asked, and nothing is admitted unasked. */
export class QuotasUnavailable extends DomainError {
  readonly code = 'quotas.unavailable';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 1;

  constructor(options?: ErrorOptions) {
    super('The quota cannot be checked right now.', options);
  }
}
