import { Type } from 'class-transformer';
import { IsDate, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

/** A key that a service account is to have. */
export class IssueApiKeyDto {
  /**
   * Name for people.
   * @example CI runner
   */
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly name!: string;

  /**
   * When it ends by itself, within two years; absent or null: it does not.
   * @example 2027-06-30T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  readonly expiresAt?: Date | null;
}
