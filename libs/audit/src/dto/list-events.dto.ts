import { Type } from 'class-transformer';
import { IsDate, IsIn, IsOptional, IsString, MaxLength } from 'class-validator';

import { ListQueryDto } from '@tenantry/http';
import type { Outcome } from '../deed.js';

export class ListEventsDto extends ListQueryDto {
  /**
   * Only this deed.
   * @example issuer.registered
   */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  readonly deed?: string;

  /**
   * Only deeds of the actor with this id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  @IsOptional()
  @IsString()
  @MaxLength(255)
  readonly actor?: string;

  /**
   * Only deeds upon the thing with this id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  @IsOptional()
  @IsString()
  @MaxLength(500)
  readonly target?: string;

  /**
   * Only deeds that ended so.
   * @example refused
   */
  @IsOptional()
  @IsIn(['done', 'refused', 'failed'])
  readonly outcome?: Outcome;

  /**
   * Only from this moment on.
   * @example 2026-11-21T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  readonly from?: Date;

  /**
   * Only before this moment.
   * @example 2026-11-22T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  readonly to?: Date;
}
