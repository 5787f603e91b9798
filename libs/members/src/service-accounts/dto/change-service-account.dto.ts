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

/** What changes; a field that is not named stays. */
export class ChangeServiceAccountDto {
  /**
   * Name for people.
   * @example Nightly import
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly name?: string;

  /**
   * All roles: the given ones replace those there are.
   * @example ["operator"]
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(255, { each: true })
  readonly roles?: string[];

  /** All roles on one resource alone: the given ones replace those there are. */
  @ValidateIf((_, value) => value !== undefined)
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => ResourceGrantDto)
  readonly grants?: ResourceGrantDto[];
}
