import { DomainError } from '@tenantry/kernel';

export class ApiKeyNotFound extends DomainError {
  readonly code = 'api_keys.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This service account has no key with that id.');
  }
}

export class ApiKeyLimitReached extends DomainError {
  readonly code = 'api_keys.limit_reached';
  readonly kind = 'conflict';

  constructor() {
    super('This service account has as many keys as it may have: revoke one first.');
  }
}
