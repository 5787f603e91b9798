import { ApiProperty } from '@nestjs/swagger';

import { PageDtoOf } from '@tenantry/http';
import { type Mode, MODES, PERIODS, type QuotaSpec } from '../../limit.js';
import { LIMIT_SOURCES, type LimitSource, type Quota, type Remaining } from '../quota.js';
import { ConcurrencyDto, RateDto, WindowDto } from './quota-parts.dto.js';

const LIMITS = ['rate', ...PERIODS, 'concurrency'] as const;

/** What is allowed of one kind. */
export class QuotaSpecDto {
  /** How fast it may be spent; null: as fast as one likes. */
  readonly rate: RateDto | null;

  /** How much of it in a minute, an hour, a day, a month. */
  readonly windows: WindowDto[];

  /** How many may be under way at once; null: as many as one likes. */
  readonly concurrency: ConcurrencyDto | null;

  @ApiProperty({
    enum: MODES,
    description: '`shadow` lets by, and only counts, what `enforce` refuses.',
    example: 'enforce',
  })
  readonly mode: Mode;

  /**
   * Percents of a day or a month at which the tenant is told; of minutes and hours it is told nothing.
   * @example [50, 80, 90, 100]
   */
  readonly thresholds: number[];

  /**
   * Whether the platform alone may change or override it.
   * @example false
   */
  readonly fixed: boolean;

  constructor({ rate, windows, concurrency, mode, thresholds, fixed }: QuotaSpec) {
    this.rate = rate;
    this.windows = [...windows];
    this.concurrency = concurrency;
    this.mode = mode;
    this.thresholds = [...thresholds];
    this.fixed = fixed;
  }
}

/** What there is of one limit. */
export class RemainingDto implements Remaining {
  @ApiProperty({
    enum: LIMITS,
    description: 'The bucket, the window, or what is under way at once.',
    example: 'day',
  })
  readonly limit!: (typeof LIMITS)[number];

  /**
   * What it holds in all; of a bucket, its burst.
   * @example 10000
   */
  readonly quota!: number;

  /**
   * What is free for everybody; null: that cannot be said right now.
   * @example 9200
   */
  readonly remaining!: number | null;

  /**
   * What nodes have drawn to serve demands from: spent perhaps, or given back within seconds.
   * @example 64
   */
  readonly lent!: number;

  /**
   * Until the window ends, or the bucket is full; null where there is no such moment.
   * @example 43200
   */
  readonly resetSeconds!: number | null;
}

/** What is allowed of a kind, and what remains of it. */
export class QuotaDto extends QuotaSpecDto {
  /**
   * What is counted.
   * @example requests
   */
  readonly kind: string;

  @ApiProperty({
    enum: LIMIT_SOURCES,
    description: 'Whether it is the tenant’s own, or its plan’s.',
    example: 'tenant',
  })
  readonly source: LimitSource;

  /** What there is of each of its limits. */
  readonly remaining: RemainingDto[];

  /**
   * Grows with every change: the ETag; null where it is the plan’s.
   * @example 1
   */
  readonly revision: number | null;

  /**
   * When it was defined; null where it is the plan’s.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly createdAt: Date | null;

  /**
   * When it was changed last; null where it is the plan’s.
   * @example 2026-11-22T12:00:00.000Z
   */
  readonly updatedAt: Date | null;

  constructor(quota: Quota) {
    super(quota);
    this.kind = quota.kind;
    this.source = quota.source;
    this.remaining = [...quota.remaining];
    this.revision = quota.revision;
    this.createdAt = quota.createdAt;
    this.updatedAt = quota.updatedAt;
  }
}

/** A page of quotas, by kind. */
export class QuotasPageDto extends PageDtoOf(QuotaDto) {}
