import { DomainError } from '@tenantry/kernel';

/** Somebody else's slot is none: who may not give it back does not learn of it. */
export class SlotNotFound extends DomainError {
  readonly code = 'quotas.lease_not_found';
  readonly kind = 'not_found';

  constructor() {
    super('There is no such lease, or it has expired: take a new one.');
  }
}

/** Of all kinds together, limited or not. */
export class SlotLimitReached extends DomainError {
  readonly code = 'quotas.lease_limit_reached';
  readonly kind = 'conflict';

  constructor(max: number) {
    super(`A tenant holds at most ${max} leases at once: give some back.`);
  }
}
