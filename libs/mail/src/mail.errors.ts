import { DomainError } from '@tenantry/kernel';

const RETRY_AFTER_SECONDS = 30;

/** No mail goes out now: no mail server is set, or it failed. */
export class MailUnavailable extends DomainError {
  readonly code = 'mail.unavailable';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = RETRY_AFTER_SECONDS;

  constructor(options?: ErrorOptions) {
    super('No mail can be sent at present. Try again later.', options);
  }
}

/** No mail will ever go to this address; a client that tried again would try for ever. */
export class MailRefused extends DomainError {
  readonly code = 'mail.refused';
  readonly kind = 'invalid';

  constructor(options?: ErrorOptions) {
    super('The mail server does not accept this e-mail address.', options);
  }
}
