import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsOptional,
  Matches,
  ValidateNested,
} from 'class-validator';

import { MayBeAbsent } from '@tenantry/http';
import { DEFAULT_THRESHOLDS, type Mode, MODES, PERIODS } from '../../limit.js';
import { KIND, KIND_RULE } from '../quota-kind.js';
import type { QuotaBody } from '../wanted-quota.js';
import { AreThresholds, THRESHOLDS_MAX } from './is-thresholds.decorator.js';
import { ConcurrencyDto, RateDto, WindowDto } from './quota-parts.dto.js';

/** What is to be allowed of a kind: at least one of `rate`, `windows` and `concurrency`. */
export class SetQuotaDto implements QuotaBody {
  /** How fast it may be spent; left out or null: as fast as one likes. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RateDto)
  readonly rate?: RateDto | null;

  /** How much of it in a minute, an hour, a day, a month; each period at most once. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(PERIODS.length)
  @ArrayUnique((window?: WindowDto | null) => window?.period, {
    message: 'must name each period but once',
  })
  @ValidateNested({ each: true })
  @Type(() => WindowDto)
  readonly windows?: WindowDto[];

  /** How many may be under way at once; left out or null: as many as one likes. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ConcurrencyDto)
  readonly concurrency?: ConcurrencyDto | null;

  @ApiPropertyOptional({
    enum: MODES,
    default: 'enforce',
    description: '`shadow` lets by, and only counts, what `enforce` refuses.',
    example: 'enforce',
  })
  @MayBeAbsent()
  @IsIn(MODES)
  readonly mode?: Mode;

  @ApiPropertyOptional({
    type: [Number],
    maxItems: THRESHOLDS_MAX,
    default: DEFAULT_THRESHOLDS,
    description:
      'Whole percents, from 1 to 100 and ascending, of the window of a day or a month at which the tenant is told, once in each; none: it is told of nothing. Of minutes and hours it is never told: they fill all day long.',
    example: [80, 100],
  })
  @MayBeAbsent()
  @AreThresholds()
  readonly thresholds?: number[];

  /**
   * Whether the platform alone may change or override it; only the platform says so. Left out: where
   * the platform overrides a fixed limit of the plan, true; else false.
   * @example false
   */
  @MayBeAbsent()
  @IsBoolean()
  readonly fixed?: boolean;
}

/** What a plan is to allow of one kind. */
export class SetPlanLimitDto extends SetQuotaDto {
  @ApiProperty({ pattern: KIND.source, description: 'What is counted.', example: 'requests' })
  @Matches(KIND, { message: KIND_RULE })
  readonly kind!: string;
}
