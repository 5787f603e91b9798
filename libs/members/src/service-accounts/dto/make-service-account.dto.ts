import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { ResourceGrantDto } from '../../dto/resource-grant.dto.js';

/** A machine that is to act in the tenant. */
export class MakeServiceAccountDto {
  /**
   * Name for people.
   * @example Nightly import
   */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly name!: string;

  /**
   * Roles in the whole tenant.
   * @example ["operator"]
   */
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(255, { each: true })
  readonly roles!: string[];

  /** Roles on one resource alone. */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => ResourceGrantDto)
  readonly grants?: ResourceGrantDto[];
}
