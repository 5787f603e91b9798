import { DomainError } from '@tenantry/kernel';

export class ServiceAccountNotFound extends DomainError {
  readonly code = 'service_accounts.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This tenant has no service account with that id.');
  }
}

export class ServiceAccountLimitReached extends DomainError {
  readonly code = 'service_accounts.limit_reached';
  readonly kind = 'conflict';

  constructor() {
    super('This tenant has as many service accounts as it may have: remove one first.');
  }
}

export class ServiceAccountSuspended extends DomainError {
  readonly code = 'service_accounts.suspended';
  readonly kind = 'conflict';

  constructor() {
    super('This service account is suspended: reactivate it before it is given a key.');
  }
}
