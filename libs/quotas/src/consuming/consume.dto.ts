import { ApiProperty } from '@nestjs/swagger';

import type { Decision, LimitState, Refund } from '../engine/quota-engine.js';
import type { LimitName } from '../limit.js';
import { AMOUNT_MAX, DEMANDS_MAX } from './demands-body.js';

const LIMIT_NAMES = ['rate', 'minute', 'hour', 'day', 'month'];

/** So much of one kind. */
export class DemandDto {
  @ApiProperty({
    description: 'What is spent.',
    pattern: '^[a-z][a-z0-9_.:-]{0,62}$',
    example: 'api-calls',
  })
  readonly kind!: string;

  @ApiProperty({
    description: 'How much of it.',
    type: 'integer',
    minimum: 1,
    maximum: AMOUNT_MAX,
    example: 1,
  })
  readonly amount!: number;
}

/** What is to be spent: all of it or nothing. */
export class ConsumeDto {
  @ApiProperty({
    description:
      'Every limit of each kind must allow it, or nothing is spent. A kind that is named twice counts in sum.',
    type: [DemandDto],
    minItems: 1,
    maxItems: DEMANDS_MAX,
  })
  readonly demands!: readonly DemandDto[];

  @ApiProperty({
    description:
      'Only say whether it would be allowed now: spends nothing, and answers 200 either way.',
    required: false,
    default: false,
  })
  readonly check?: boolean;
}

/** What was spent and is not needed after all. */
export class RefundDto {
  @ApiProperty({
    description: 'What to give back.',
    type: [DemandDto],
    minItems: 1,
    maxItems: DEMANDS_MAX,
  })
  readonly demands!: readonly DemandDto[];

  @ApiProperty({
    description:
      'When it was spent; now, unless it is said. A window that is over gets nothing back.',
    type: String,
    format: 'date-time',
    required: false,
    example: '2026-11-22T10:15:00Z',
  })
  readonly spentAt?: string;
}

/** Where one limit stands. */
export class LimitStateDto implements LimitState {
  /**
   * What is limited.
   * @example "api-calls"
   */
  readonly kind!: string;

  @ApiProperty({ description: 'Which limit of the kind.', enum: LIMIT_NAMES, example: 'day' })
  readonly name!: LimitName;

  /**
   * What the window holds; of a rate, its burst.
   * @example 10000
   */
  readonly quota!: number;

  /**
   * How long the window is; of a rate, how long an empty bucket takes to fill.
   * @example 86400
   */
  readonly windowSeconds!: number;

  /**
   * What is left, as far as the node knows that decided.
   * @example 9876
   */
  readonly remaining!: number;

  /**
   * Until the window ends; of a rate, until the bucket is full.
   * @example 3600
   */
  readonly resetSeconds!: number;
}

/** What was decided. */
export class ConsumedDto {
  /** Whether all of it was allowed; false only where it was checked. */
  readonly allowed!: boolean;

  @ApiProperty({
    description: 'What is left of each kind that has a limit: of its tightest one.',
    type: 'object',
    additionalProperties: { type: 'number' },
    example: { 'api-calls': 9_876 },
  })
  readonly remaining!: Readonly<Record<string, number>>;

  @ApiProperty({
    description: 'Every limit that was asked, the tightest of each kind first.',
    type: [LimitStateDto],
  })
  readonly limits!: readonly LimitState[];

  @ApiProperty({
    description: 'The limit that refuses; null where it is allowed.',
    type: LimitStateDto,
    nullable: true,
  })
  readonly limit!: LimitState | null;

  @ApiProperty({
    description: 'After how many seconds it may be allowed; null where it is.',
    type: 'integer',
    nullable: true,
    example: null,
  })
  readonly retryAfterSeconds!: number | null;

  @ApiProperty({
    description: 'Limits in shadow mode that would have refused.',
    type: [LimitStateDto],
  })
  readonly shadowed!: readonly LimitState[];

  constructor({ allowed, limits, refusedBy, retryAfterSeconds, shadowed }: Decision) {
    const remaining: Record<string, number> = {};
    for (const limit of limits) remaining[limit.kind] ??= limit.remaining;
    this.allowed = allowed;
    this.remaining = remaining;
    this.limits = limits;
    this.limit = refusedBy;
    this.retryAfterSeconds = retryAfterSeconds;
    this.shadowed = shadowed;
  }
}

/** What was given back to one limit. */
export class RefundedDto {
  /**
   * What is limited.
   * @example "api-calls"
   */
  readonly kind!: string;

  @ApiProperty({ description: 'Which limit of the kind.', enum: LIMIT_NAMES, example: 'day' })
  readonly name!: LimitName;

  /**
   * How much: never more than was spent.
   * @example 1
   */
  readonly refunded!: number;
}

/** What was given back. */
export class RefundedListDto {
  @ApiProperty({
    description: 'Each limit that got something back, or could have.',
    type: [RefundedDto],
  })
  readonly items!: readonly RefundedDto[];

  constructor(refunds: readonly Refund[]) {
    this.items = refunds.map(({ kind, name, refunded }) => ({ kind, name, refunded }));
  }
}
