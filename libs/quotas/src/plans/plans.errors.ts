import { DomainError } from '@tenantry/kernel';

export class PlanNotFound extends DomainError {
  readonly code = 'quotas.plan_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no plan of that id or slug.');
  }
}

export class PlanSlugTaken extends DomainError {
  readonly code = 'quotas.plan_slug_taken';
  readonly kind = 'conflict';

  constructor(options?: ErrorOptions) {
    super('Another plan has this slug.', options);
  }
}

export class PlanInUse extends DomainError {
  readonly code = 'quotas.plan_in_use';
  readonly kind = 'conflict';

  constructor() {
    super('Tenants are on this plan: put them on another one first.');
  }
}
