import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsEmail,
  IsInt,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateIf,
} from 'class-validator';

import { IsPlainEmail } from '@tenantry/http';

const HOURS_MAX = 720;
const ROLES_MAX = 3;

/** A person to be invited, by `email`, or a service account to be made, by `name`. */
export class AddPlatformAdminDto {
  /**
   * The address of a person, who gets an invitation; a service account has none.
   * @example grace@platform.example
   */
  @IsOptional()
  @IsEmail()
  @IsPlainEmail()
  @MaxLength(320)
  readonly email?: string;

  /**
   * The name of a service account; of a person, the name for people.
   * @example Gateway of eu-central
   */
  @ValidateIf(({ email, name }: AddPlatformAdminDto) => email === undefined || name !== undefined)
  @IsString({ message: 'is required where there is no email' })
  @MinLength(1)
  @MaxLength(200)
  readonly name?: string;

  /**
   * Roles outside every tenant: `platform-admin`, `platform-viewer` or `engine`.
   * @example ["engine"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ROLES_MAX)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  readonly roles!: string[];

  /**
   * For how many hours the invitation of a person is good; 72 by default.
   * @example 72
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(HOURS_MAX)
  readonly expiresInHours?: number;
}

/** What changes; a field that is not named stays. */
export class ChangePlatformAdminDto {
  /**
   * Name for people.
   * @example Grace Hopper
   */
  @ValidateIf(({ name }: ChangePlatformAdminDto) => name !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly name?: string;

  /**
   * All roles: the given ones replace those there are.
   * @example ["platform-viewer"]
   */
  @ValidateIf(({ roles }: ChangePlatformAdminDto) => roles !== undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(ROLES_MAX)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(64, { each: true })
  readonly roles?: string[];
}

/** How a secret is replaced. */
export class RotatePlatformSecretDto {
  /**
   * For how many seconds the old secret is good beside the new one; 0 by default.
   * @example 3600
   */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(604_800)
  readonly overlapSeconds?: number;
}
