import { DomainError, type FieldError } from '@tenantry/kernel';

export class SlugTaken extends DomainError {
  readonly code = 'tenants.slug_taken';
  readonly kind = 'conflict';

  constructor(options?: ErrorOptions) {
    super('Another tenant has, or had, this slug.', options);
  }
}

export class RouteTaken extends DomainError {
  readonly code = 'tenants.route_taken';
  readonly kind = 'conflict';

  constructor(options?: ErrorOptions) {
    super('One of these routes belongs to another tenant.', options);
  }
}

export class TransitionImpossible extends DomainError {
  readonly code = 'tenants.transition_impossible';
  readonly kind = 'conflict';

  constructor(status: string) {
    super(`This cannot be done to a tenant that is ${status}.`);
  }
}

export class SecondFactorMissing extends DomainError {
  readonly code = 'tenants.second_factor_missing';
  readonly kind = 'conflict';

  constructor() {
    super('Set up a second factor of your own first, and sign in with it.');
  }
}

export class LabelFilterInvalid extends DomainError {
  readonly code = 'request.invalid';
  readonly kind = 'invalid';
  override readonly errors: readonly FieldError[] = [
    { pointer: '/label', message: 'must be key:value, or a key alone' },
  ];

  constructor() {
    super('Some of what was sent is missing, malformed or unknown: errors names each place.');
  }
}
