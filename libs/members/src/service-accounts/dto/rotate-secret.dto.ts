import { IsInt, Max, Min, ValidateIf } from 'class-validator';

/** How the secret of a service account is replaced. */
export class RotateSecretDto {
  /**
   * For how long the secret so far stays good; at most a week.
   * @example 3600
   */
  @ValidateIf((_, value) => value !== undefined)
  @IsInt()
  @Min(0)
  @Max(604_800)
  readonly overlapSeconds?: number;
}
