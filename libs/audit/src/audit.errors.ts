import { DomainError } from '@tenantry/kernel';

export class AuditEventNotFound extends DomainError {
  readonly code = 'audit.event_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This trail holds no event with that id.');
  }
}

export class PersonUnknown extends DomainError {
  readonly code = 'audit.person_unknown';
  readonly kind = 'invalid';
  override readonly errors = [{ pointer: '/person', message: 'stands on no record of this trail' }];

  constructor() {
    super('No record of this trail tells of that person.');
  }
}
