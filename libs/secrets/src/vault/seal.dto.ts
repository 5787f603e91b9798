import { IsOptional, IsString, MaxLength } from 'class-validator';

export const REASON_LENGTH_MAX = 500;

/** Why a vault is sealed. */
export class SealVaultDto {
  /**
   * For the record, and for whoever finds it sealed.
   * @example A laptop with our credentials was stolen.
   */
  @IsOptional()
  @IsString()
  @MaxLength(REASON_LENGTH_MAX)
  readonly reason?: string | null;
}
