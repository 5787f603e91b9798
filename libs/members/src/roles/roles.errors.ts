import { DomainError, type FieldError } from '@tenantry/kernel';

export class RoleNotFound extends DomainError {
  readonly code = 'roles.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('This tenant has no role of that name.');
  }
}

export class RoleExists extends DomainError {
  readonly code = 'roles.exists';
  readonly kind = 'conflict';

  constructor(options?: ErrorOptions) {
    super('There is a role of that name already.', options);
  }
}

export class RoleBuiltIn extends DomainError {
  readonly code = 'roles.built_in';
  readonly kind = 'conflict';

  constructor() {
    super('A built-in role is the same in every tenant: it is neither changed nor removed.');
  }
}

export class RoleInUse extends DomainError {
  readonly code = 'roles.in_use';
  readonly kind = 'conflict';

  constructor() {
    super('A member or an issuer still names this role: take it from them first.');
  }
}

export class RoleLimitReached extends DomainError {
  readonly code = 'roles.limit_reached';
  readonly kind = 'conflict';

  constructor(max: number) {
    super(`A tenant has at most ${max} roles of its own.`);
  }
}

export class RolePermissionUnknown extends DomainError {
  readonly code = 'roles.permission_unknown';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  constructor(index: number) {
    super('A permission that is named here does not exist.');
    this.errors = [{ pointer: `/permissions/${index}`, message: 'is no permission' }];
  }
}
