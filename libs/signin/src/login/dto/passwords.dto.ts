import { IsString, MaxLength, MinLength } from 'class-validator';

/** The password that there is, and the one that is to be. */
export class ChangePasswordDto {
  /**
   * The password that there is.
   * @example correct horse battery staple
   */
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  readonly currentPassword!: string;

  /**
   * The new one: at least twelve characters that nobody would guess first.
   * @example six blue pianos under water
   */
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  readonly newPassword!: string;
}

/** Who forgot their password. */
export class RequestPasswordResetDto {
  /**
   * The address of the account.
   * @example ada@acme.example
   */
  @IsString()
  @MinLength(1)
  @MaxLength(320)
  readonly email!: string;
}

/** A new password for somebody who was sent a token. */
export class ResetPasswordDto {
  /**
   * The token of the link in the message.
   * @example tnp_4bJ2xkQ0dN9rVtW7yZcE1fGhI3jKlMaB5CdEf6
   */
  @IsString()
  @MinLength(1)
  @MaxLength(255)
  readonly token!: string;

  /**
   * The new password: at least twelve characters that nobody would guess first.
   * @example six blue pianos under water
   */
  @IsString()
  @MinLength(1)
  @MaxLength(1024)
  readonly newPassword!: string;
}

/** What is said to whoever asks, whether or not there is such an account. */
export class PasswordResetRequestedDto {
  /**
   * What happens now.
   * @example If there is an account with this address, a message is on its way to it.
   */
  readonly message = 'If there is an account with this address, a message is on its way to it.';
}
