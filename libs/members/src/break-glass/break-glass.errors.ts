import { DomainError } from '@tenantry/kernel';

export class BreakGlassNotFound extends DomainError {
  readonly code = 'break_glass.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('The glass of this tenant was never broken under that id.');
  }
}
