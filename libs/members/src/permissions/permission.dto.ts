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

import { PageDtoOf } from '@tenantry/http';
import type { KnownPermission } from './permissions.service.js';

const NAME = /^[a-z][a-z0-9-]{0,31}:[a-z][a-z0-9-]{0,31}$/;
const REGISTERED_MAX = 200;

/** Something that a role may let its holders do. */
export class PermissionDto {
  /**
   * Its name, as roles hold it.
   * @example sandbox:exec
   */
  readonly name: string;

  /**
   * What it lets its holder do.
   * @example Run code in a sandbox.
   */
  readonly description: string;

  /**
   * Whether an engine has registered it; else it is built in.
   * @example true
   */
  readonly engine: boolean;

  constructor({ name, description, engine }: KnownPermission) {
    this.name = name;
    this.description = description;
    this.engine = engine;
  }
}

/** One page of permissions: the built-in ones, then those of engines, each by name. */
export class PermissionsPageDto extends PageDtoOf(PermissionDto) {}

/** A permission that an engine knows. */
export class RegisteredPermissionDto {
  /**
   * What roles are to call it: a thing and a verb.
   * @example sandbox:exec
   */
  @IsString()
  @Matches(NAME, { message: 'must be a thing and a verb, like sandbox:exec' })
  readonly name!: string;

  /**
   * What it lets its holder do, for people.
   * @example Run code in a sandbox.
   */
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  readonly description!: string;
}

/** Every permission that an engine knows. */
export class RegisterPermissionsDto {
  /** All of them: what the same account had registered before and is not named here is gone. */
  @IsArray()
  @ArrayMaxSize(REGISTERED_MAX)
  @ArrayUnique((permission: RegisteredPermissionDto | undefined) => permission?.name)
  @ValidateNested({ each: true })
  @Type(() => RegisteredPermissionDto)
  readonly permissions!: RegisteredPermissionDto[];
}
