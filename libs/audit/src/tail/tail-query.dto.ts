import { PickType } from '@nestjs/swagger';
import { IsInt, Max, Min } from 'class-validator';

import { MayBeAbsent, QueryInteger, RequestInvalid } from '@tenantry/http';
import { ListEventsDto } from '../dto/list-events.dto.js';

const DIGITS_MAX = 15;
const SEQUENCE_MAX = 999_999_999_999_999;
const SEQUENCE = new RegExp(`^\\d{1,${DIGITS_MAX}}$`);

/** Which events are to be told as they are written. */
export class TailQueryDto extends PickType(ListEventsDto, [
  'deed',
  'actor',
  'target',
  'outcome',
] as const) {
  /**
   * Begin with what follows this place on the trail, instead of with what comes next. `Last-Event-ID`
   * goes before it.
   * @example 4711
   */
  @MayBeAbsent()
  @QueryInteger(DIGITS_MAX)
  @IsInt()
  @Min(0)
  @Max(SEQUENCE_MAX)
  readonly after?: number;
}

/**
 * Where a tail goes on; null: at what comes next. A reader that connects again repeats its query, and
 * says in the header how far it has come since. Throws `RequestInvalid`.
 */
export function placeOf(lastEventId: string | undefined, after: number | undefined): number | null {
  if (lastEventId === undefined) return after ?? null;
  if (SEQUENCE.test(lastEventId)) return Number(lastEventId);
  const message = 'must be the id of an event of this trail';
  throw new RequestInvalid([{ pointer: '/headers/last-event-id', message }]);
}
