import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsDefined,
  IsEmail,
  IsOptional,
  IsString,
  IsUUID,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { IsPlainEmail } from '@tenantry/http';
import type { NewMember } from '../member.js';
import { ResourceGrantDto } from './resource-grant.dto.js';

const TEXT_LENGTH_MAX = 255;
const ROLES_MAX = 20;
const GRANTS_MAX = 50;

/** Somebody who is to act in the tenant. */
export class AddMemberDto implements NewMember {
  /**
   * The e-mail address.
   * @example ada@acme.example
   */
  @IsEmail()
  @IsPlainEmail()
  @MaxLength(320)
  readonly email!: string;

  /**
   * Name for people.
   * @example Ada Lovelace
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly displayName?: string;

  /**
   * Roles in this tenant.
   * @example ["operator"]
   */
  @IsArray()
  @ArrayMaxSize(ROLES_MAX)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(TEXT_LENGTH_MAX, { each: true })
  readonly roles!: string[];

  /** Roles on single resources. */
  @ValidateIf(({ grants }: AddMemberDto) => grants !== undefined)
  @IsArray()
  @ArrayMaxSize(GRANTS_MAX)
  @ValidateNested({ each: true })
  @Type(() => ResourceGrantDto)
  readonly grants?: ResourceGrantDto[];

  /**
   * The issuer that vouches for the member; absent: whichever of the tenant's issuers first shows the address as verified.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  @ValidateIf(
    ({ issuerId, subject }: AddMemberDto) => issuerId !== undefined || subject !== undefined,
  )
  @IsDefined({ message: 'is required with a subject' })
  @IsUUID()
  readonly issuerId?: string;

  /**
   * The subject that the issuer knows the member by; absent: bound by the first token with the verified address.
   * @example 00u1a2b3c4
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly subject?: string;
}
