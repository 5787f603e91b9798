import { Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, Max, MaxDate, Min, Validate } from 'class-validator';

import { Labels, MayBeAbsent } from '@tenantry/http';
import type { SecretChanges } from '../secret.js';
import { END_OF_TIME, ROTATE_AFTER_DAYS_MAX } from './save-secret.dto.js';

/** What changes but for the value; a field that is not named stays. */
export class ChangeSecretDto implements SecretChanges {
  /**
   * All labels: the given ones replace those there are.
   * @example { "adapter": "erp" }
   */
  @MayBeAbsent()
  @Validate(Labels)
  readonly labels?: Record<string, string>;

  /**
   * When the current value expires; null, never.
   * @example 2027-06-30T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'must be a moment in time (ISO 8601)' })
  @MaxDate(END_OF_TIME, { message: 'must lie before the year 10000' })
  readonly expiresAt?: Date | null;

  /**
   * After how many days the value is to be replaced, counted from when it was saved; null, nobody is
   * reminded.
   * @example 90
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(ROTATE_AFTER_DAYS_MAX)
  readonly rotateAfterDays?: number | null;
}
