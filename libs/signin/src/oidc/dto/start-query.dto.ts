import { IsOptional, IsString, IsUUID, Matches, MaxLength, MinLength } from 'class-validator';

import { RETURN_PATH } from '../return-path.js';

/** Where somebody wants to sign in. */
export class StartQueryDto {
  /**
   * The tenant: its id or slug.
   * @example acme
   */
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  readonly tenant!: string;

  /**
   * The issuer of that tenant at which to sign in: its id.
   * @example 01981f7c-3b1e-7c2a-9d4e-5f6071829304
   */
  @IsUUID()
  readonly issuer!: string;

  /**
   * Where to go then: a path of this service.
   * @example /
   */
  @IsOptional()
  @IsString()
  @MaxLength(512)
  @Matches(RETURN_PATH, { message: 'must be a path of this service' })
  readonly returnTo?: string;
}
