import { DomainError } from '@tenantry/kernel';

export class PlatformAdminNotFound extends DomainError {
  readonly code = 'platform.admin_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no platform admin with that id.');
  }
}

export class PlatformAdminExists extends DomainError {
  readonly code = 'platform.admin_exists';
  readonly kind = 'conflict';

  constructor() {
    super('Somebody with this address is a platform admin already, or invited to be one.');
  }
}

export class LastPlatformAdmin extends DomainError {
  readonly code = 'platform.last_admin';
  readonly kind = 'conflict';

  constructor() {
    super('The platform keeps at least one active platform admin: appoint another one first.');
  }
}

export class NoSuchVerbHere extends DomainError {
  readonly code = 'platform.not_for_this_kind';
  readonly kind = 'conflict';
}
