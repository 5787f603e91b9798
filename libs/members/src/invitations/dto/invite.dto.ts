import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
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
  ValidateNested,
} from 'class-validator';

import { IsPlainEmail } from '@tenantry/http';
import { ResourceGrantDto } from '../../dto/resource-grant.dto.js';

/** For how long a mail that was just sent is good. */
export class ResendInvitationDto {
  /**
   * For how many hours it can be accepted; 72 where nothing is said.
   * @example 72
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(1)
  @Max(720)
  readonly expiresInHours?: number;
}

/** Somebody who is to become a member. */
export class InviteDto extends ResendInvitationDto {
  /**
   * The e-mail address: the invitation goes there, and is good for nobody else.
   * @example ada@acme.example
   */
  @IsEmail()
  @IsPlainEmail()
  @MaxLength(320)
  readonly email!: string;

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

  /**
   * Name for people.
   * @example Ada Lovelace
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly displayName?: string | null;
}
