import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';

import type { RoleChanges } from '../role.js';

/** What changes; a field that is not named stays. */
export class ChangeRoleDto implements RoleChanges {
  /**
   * What it is for; null for nothing in particular.
   * @example Deploys adapters, and nothing else.
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  readonly description?: string | null;

  /**
   * All permissions: the given ones replace those there are.
   * @example ["registry:read", "adapters:write"]
   */
  @ValidateIf(({ permissions }: ChangeRoleDto) => permissions !== undefined)
  @IsArray()
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(65, { each: true })
  readonly permissions?: string[];
}
