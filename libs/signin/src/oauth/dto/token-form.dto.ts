import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import { IgnoresUnknownFields } from '@tenantry/http';

/** As long as a body may be: what is too long for a token is an unknown token, not a bad request. */
const ANY_LENGTH = 1_048_576;

/** A token that is looked into or taken back (RFC 7662 §2.1, RFC 7009 §2.1), form-encoded. */
@IgnoresUnknownFields()
export class TokenFormDto {
  /**
   * The token.
   * @example tnr_4bJ2xkQ0dN9rVtW7yZcE1fGhI3jKlMaB5CdEf6
   */
  @IsString()
  @MinLength(1)
  @MaxLength(ANY_LENGTH)
  readonly token!: string;

  /**
   * Its kind, as a hint; what a token is shows in itself.
   * @example refresh_token
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly token_type_hint?: string;

  /**
   * The client that asks, where it does not authenticate by HTTP Basic or a bearer token.
   * @example platform-6f1d7a1b2c3d
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly client_id?: string;

  /**
   * Its secret, where it does not authenticate by HTTP Basic or a bearer token.
   * @example 3q2-7w
   */
  @IsOptional()
  @IsString()
  @MaxLength(1024)
  readonly client_secret?: string;
}
