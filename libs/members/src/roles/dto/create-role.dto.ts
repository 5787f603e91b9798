import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
} from 'class-validator';

import type { NewRole } from '../role.js';

const NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A role that a tenant wants. */
export class CreateRoleDto implements NewRole {
  /**
   * Its name: lower case letters, digits and hyphens.
   * @example deployer
   */
  @IsString()
  @Matches(NAME, { message: 'must be 1 to 63 lower case letters, digits and inner hyphens' })
  readonly name!: string;

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
   * What it lets its holders do: names from the list of permissions.
   * @example ["registry:read", "adapters:write"]
   */
  @IsArray()
  @ArrayMaxSize(500)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(65, { each: true })
  readonly permissions!: string[];
}
