import { DomainError } from '@tenantry/kernel';

/** As many answers that last tell of this trail on this node as may at once. */
export class TooManyStreams extends DomainError {
  readonly code = 'audit.too_many_streams';
  readonly kind = 'exhausted';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super('As many streams of this trail are open as may be. Wait until one ends.');
  }
}
