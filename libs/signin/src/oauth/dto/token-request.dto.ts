import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import { IgnoresUnknownFields } from '@tenantry/http';

/** A request for a token (RFC 6749 §4.4.2 and §6, RFC 8693 §2.1), form-encoded. */
@IgnoresUnknownFields()
export class TokenRequestDto {
  /**
   * The grant.
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

  /**
   * The refresh token, for that grant.
   * @example tnr_4bJ2xkQ0dN9rVtW7yZcE1fGhI3jKlMaB5CdEf6
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly refresh_token?: string;

  /**
   * The token that is exchanged for another one, for that grant: of a trusted issuer, or one of ours.
   * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln
   */
  @IsOptional()
  @IsString()
  @MaxLength(16_384)
  readonly subject_token?: string;

  /**
   * Its kind: `urn:ietf:params:oauth:token-type:jwt` or `…:access_token`.
   * @example urn:ietf:params:oauth:token-type:jwt
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly subject_token_type?: string;

  /**
   * The kind that is wanted; an access token alone can be had.
   * @example urn:ietf:params:oauth:token-type:access_token
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly requested_token_type?: string;

  /**
   * The tenant that the new token is for: its id or slug, also behind `urn:tenantry:tenant:`.
   * @example acme
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly audience?: string;

  /**
   * Refused: nobody acts for somebody else here.
   * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln
   */
  @IsOptional()
  @IsString()
  @MaxLength(16_384)
  readonly actor_token?: string;
}
