import { DomainError } from '@tenantry/kernel';

/** The tenant has no data key: it has never saved anything, or all were destroyed before. */
export class NothingToShred extends DomainError {
  readonly code = 'vault.nothing_to_shred';
  readonly kind = 'conflict';

  constructor() {
    super('This vault has no key that could be destroyed.');
  }
}
