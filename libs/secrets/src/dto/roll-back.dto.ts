import { IsInt, Max, Min } from 'class-validator';

import { VERSION_MAX } from '../secret-version-number.js';

/** Which value is to be current again. */
export class RollBackDto {
  /**
   * The version whose value comes back, as a new version.
   * @example 2
   */
  @IsInt()
  @Min(1)
  @Max(VERSION_MAX)
  readonly version!: number;
}
