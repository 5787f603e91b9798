import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';

import { SetPlanLimitDto } from '../../limits/dto/set-quota.dto.js';
import { PLAN_SLUG } from '../plan.js';

const LIMITS_MAX = 100;
const DISPLAY_NAME_LENGTH_MAX = 200;

/** What a plan is to be from now on. */
export class ChangePlanDto {
  /**
   * Name for people.
   * @example Team
   */
  @IsString()
  @MinLength(1)
  @MaxLength(DISPLAY_NAME_LENGTH_MAX)
  readonly displayName!: string;

  /** All that it limits; each kind at most once. */
  @IsArray()
  @ArrayMaxSize(LIMITS_MAX)
  @ArrayUnique((limit?: SetPlanLimitDto | null) => limit?.kind, {
    message: 'must name each kind but once',
  })
  @ValidateNested({ each: true })
  @Type(() => SetPlanLimitDto)
  readonly limits!: SetPlanLimitDto[];
}

/** A new plan. */
export class CreatePlanDto extends ChangePlanDto {
  @ApiProperty({
    pattern: PLAN_SLUG.source,
    description: 'Short name that tenants name it by, for as long as it lasts.',
    example: 'team',
  })
  @IsString()
  @MaxLength(63)
  @Matches(PLAN_SLUG, {
    message: 'must be 1 to 63 lower-case letters, digits and inner hyphens',
  })
  @Matches(/^(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)/, {
    message: 'must not be shaped like an id',
  })
  readonly slug!: string;
}
