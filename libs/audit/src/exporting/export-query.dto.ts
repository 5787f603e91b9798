import { PickType } from '@nestjs/swagger';
import { IsIn, IsInt, Max, Min } from 'class-validator';

import { MayBeAbsent, QueryInteger } from '@tenantry/http';
import { ListEventsDto } from '../dto/list-events.dto.js';
import type { WantedExport } from './audit-exports.js';

const DIGITS_MAX = 15;
const SEQUENCE_MAX = 999_999_999_999_999;

/** Which events are to be exported, and in which words. */
export class ExportQueryDto
  extends PickType(ListEventsDto, ['deed', 'actor', 'target', 'outcome', 'from', 'to'] as const)
  implements WantedExport
{
  /**
   * Only from this place on the trail on.
   * @example 1
   */
  @MayBeAbsent()
  @QueryInteger(DIGITS_MAX)
  @IsInt()
  @Min(1)
  @Max(SEQUENCE_MAX)
  readonly fromSequence?: number;

  /**
   * Only up to this place on the trail; where the trail has not come as far, up to its end.
   * @example 4711
   */
  @MayBeAbsent()
  @QueryInteger(DIGITS_MAX)
  @IsInt()
  @Min(1)
  @Max(SEQUENCE_MAX)
  readonly toSequence?: number;

  /**
   * In which words: `tenantry` is what the trail can be verified by, `ocsf` the Open Cybersecurity
   * Schema Framework.
   * @example ocsf
   */
  @MayBeAbsent()
  @IsIn(['tenantry', 'ocsf'])
  readonly format?: 'tenantry' | 'ocsf';
}
