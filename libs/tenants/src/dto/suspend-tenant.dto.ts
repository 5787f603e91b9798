import { IsString, MaxLength, MinLength } from 'class-validator';

/** Why a tenant is closed. */
export class SuspendTenantDto {
  /**
   * For the record, and for whoever asks later.
   * @example Invoice 4711 is unpaid since March.
   */
  @IsString()
  @MinLength(1)
  @MaxLength(500)
  readonly reason!: string;
}
