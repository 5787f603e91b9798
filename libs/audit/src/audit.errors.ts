import { DomainError } from '@tenantry/kernel';

export class AuditEventNotFound extends DomainError {
  readonly code = 'audit.event_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This trail holds no event with that id.');
  }
}
