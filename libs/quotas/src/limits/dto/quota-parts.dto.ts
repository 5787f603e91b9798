import { ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';

import { type Period, PERIODS } from '../../limit.js';
import { IsRate, PER_SECOND_MAX, PER_SECOND_MIN } from './is-rate.decorator.js';

/** What is in a bucket is counted in millionths, and must fit in 64 bits. */
export const BURST_MAX = 1_000_000_000_000;
/** An integer of a structured field, as which `RateLimit` tells it, has 15 digits. */
export const AMOUNT_MAX = 999_999_999_999_999;

/** A bucket that fills steadily, and is spent from. */
export class RateDto {
  @ApiProperty({
    type: 'number',
    minimum: PER_SECOND_MIN,
    maximum: PER_SECOND_MAX,
    description: 'So many units flow in each second; at most six decimals.',
    example: 10,
  })
  @IsRate()
  readonly perSecond!: number;

  /**
   * So many fit in: what can be spent at once after a rest.
   * @example 20
   */
  @IsInt()
  @Min(1)
  @Max(BURST_MAX)
  readonly burst!: number;
}

/** What may be spent from one turn of the calendar to the next. */
export class WindowDto {
  @ApiProperty({ enum: PERIODS, description: 'Of the calendar, in UTC.', example: 'day' })
  @IsIn(PERIODS)
  readonly period!: Period;

  /**
   * So many units; never one more.
   * @example 10000
   */
  @IsInt()
  @Min(0)
  @Max(AMOUNT_MAX)
  readonly limit!: number;
}

/** What may be under way at once. */
export class ConcurrencyDto {
  /**
   * So many slots.
   * @example 5
   */
  @IsInt()
  @Min(0)
  @Max(AMOUNT_MAX)
  readonly limit!: number;
}
