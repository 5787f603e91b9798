import { DomainError, type FieldError } from '@tenantry/kernel';

export class PermissionBuiltIn extends DomainError {
  readonly code = 'permissions.built_in';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[];

  constructor(index: number) {
    super('A permission of Tenantry itself is no engine’s to register.');
    this.errors = [{ pointer: `/permissions/${index}/name`, message: 'is built in' }];
  }
}

export class PermissionTaken extends DomainError {
  readonly code = 'permissions.taken';
  readonly kind = 'conflict';

  constructor(name: string) {
    super(`Another account has registered the permission ${name}.`);
  }
}
