import { IsOptional, IsString, MaxLength } from 'class-validator';

const REASON_LENGTH_MAX = 500;

/** Why a key is refused from now on. */
export class DistrustKeyDto {
  /**
   * For the record.
   * @example Leaked with a backup of the old login server.
   */
  @IsOptional()
  @IsString()
  @MaxLength(REASON_LENGTH_MAX)
  readonly reason?: string;
}
