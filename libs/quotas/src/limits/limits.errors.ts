import { DomainError } from '@tenantry/kernel';

export class QuotaNotFound extends DomainError {
  readonly code = 'quotas.not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no quota of that kind here; one of the plan can be replaced, not removed.');
  }
}

/** The platform has said the last word. */
export class QuotaFixed extends DomainError {
  readonly code = 'quotas.fixed';
  readonly kind = 'forbidden';

  constructor() {
    super('Only the platform fixes a quota, and only the platform changes one that is fixed.');
  }
}

/** Of two who define it at once, one. */
export class QuotaExists extends DomainError {
  readonly code = 'quotas.exists';
  readonly kind = 'stale';

  constructor() {
    super('There is a quota of that kind already, and If-None-Match: * asks for a new one.');
  }
}

export class QuotaLimitReached extends DomainError {
  readonly code = 'quotas.limit_reached';
  readonly kind = 'conflict';

  constructor(max: number) {
    super(`A tenant has quotas of its own of at most ${max} kinds: remove one first.`);
  }
}
