import { DomainError } from '@tenantry/kernel';

export class DecisionNotFound extends DomainError {
  readonly code = 'decisions.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no receipt of a request with that id here.');
  }
}
