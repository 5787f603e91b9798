import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsString,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';

import { IsSlug } from '@tenantry/http';
import { SetPlanLimitDto } from '../../limits/dto/set-quota.dto.js';

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
  /**
   * Short name that tenants name it by, for as long as it lasts.
   * @example team
   */
  @IsSlug()
  readonly slug!: string;
}
