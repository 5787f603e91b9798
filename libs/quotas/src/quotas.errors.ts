import { DomainError } from '@tenantry/kernel';
import type { LimitName } from './limit.js';

/** The store of quotas cannot be asked, and nothing is admitted unasked. */
export class QuotasUnavailable extends DomainError {
  readonly code = 'quotas.unavailable';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 1;

  constructor(options?: ErrorOptions) {
    super('The quota cannot be checked right now.', options);
  }
}

/** The tenant has as many streams of demands open on this node as it may. */
export class TooManyStreams extends DomainError {
  readonly code = 'quotas.too_many_streams';
  readonly kind = 'exhausted';
  override readonly retryAfterSeconds = 1;

  constructor() {
    super(
      'There are a hundred streams of demands open. Send more on those, or wait until one ends.',
    );
  }
}

/** The limit that refused. */
export interface ExhaustedLimit {
  readonly kind: string;
  readonly name: LimitName | 'concurrency';
  readonly quota: number;
  readonly remaining: number;
}

/** There is not as much left as was demanded. Nothing was spent. */
export class QuotaExhausted extends DomainError {
  readonly code = 'quotas.exhausted';
  readonly kind = 'exhausted';
  override readonly details: Readonly<Record<string, unknown>>;

  constructor(
    limit: ExhaustedLimit,
    override readonly retryAfterSeconds: number,
  ) {
    super(`The ${limit.name} limit of ${limit.kind} does not allow that now.`);
    const { kind, name, quota, remaining } = limit;
    this.details = { limit: { kind, name, quota, remaining }, retryAfterSeconds };
  }
}
