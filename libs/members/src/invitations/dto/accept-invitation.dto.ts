import { IsString, MaxLength, MinLength, ValidateIf } from 'class-validator';

/** What somebody shows who was invited. */
export class AcceptInvitationDto {
  /**
   * The token from the mail.
   * @example tni_4Hk2mZ8qP0sT6vXyB1nC3rE5gJ7wLdF9aKuQ0b1c
   */
  @IsString()
  @MaxLength(255)
  readonly token!: string;

  /**
   * The password of the account with the invited address; where there is none, that of the account which is made.
   * @example correct horse battery staple
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @MaxLength(1_024)
  readonly password?: string;

  /**
   * The code of the account's second factor, or a recovery code, where it has one.
   * @example 492039
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @MaxLength(64)
  readonly code?: string;

  /**
   * What the person wants to be called, where the account is made.
   * @example Ada Lovelace
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly displayName?: string;
}
