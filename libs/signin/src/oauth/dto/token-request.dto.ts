import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import { IgnoresUnknownFields } from '@tenantry/http';

/** A request for a token (RFC 6749 §4.4.2), form-encoded. */
@IgnoresUnknownFields()
export class TokenRequestDto {
  /**
   * The grant: at present, for machines alone.
   * @example client_credentials
   */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  readonly grant_type!: string;

  /**
   * The client, where it does not authenticate by HTTP Basic.
   * @example platform-6f1d7a1b2c3d
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly client_id?: string;

  /**
   * Its secret, where it does not authenticate by HTTP Basic.
   * @example 3q2-7w
   */
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  readonly client_secret?: string;
}
