import { IsBoolean, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

/** Who wants to sign in, and where. */
export class LoginDto {
  /**
   * The address of the account.
   * @example ada@acme.example
   */
  @IsString()
  @MinLength(1)
  @MaxLength(320)
  readonly email!: string;

  /**
   * Its password.
   * @example correct horse battery staple
   */
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  readonly password!: string;

  /**
   * Id or slug of the tenant to sign in to; null for none; left out: the one that suits.
   * @example acme
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  readonly tenant?: string | null;

  /**
   * The code of the authenticator app, or a recovery code; only for accounts with a second factor.
   * @example 492039
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(64)
  readonly code?: string;

  /**
   * Whether a browser is to hold the session by a cookie: no token is in the answer then.
   * @example false
   */
  @IsOptional()
  @IsBoolean()
  readonly cookie?: boolean;
}
