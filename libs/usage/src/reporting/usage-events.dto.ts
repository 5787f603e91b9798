import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { METER_NAME } from '../meters.js';
import { VALUE_MAX } from '../usage-event.js';
import type { Recorded } from '../usage-ledger.js';
import { LABELS_MAX } from './event-rules.js';
import { EVENTS_MAX } from './read-events.js';

/** Something that was used. Read by hand (`readEvents`): this only describes it. */
export class UsageEventDto {
  @ApiProperty({
    description:
      '1 to 128 visible ASCII characters. It counts once, however often it is sent: once of all that the tenant’s own callers report, and once of all that the platform’s report of the tenant, its engines among them.',
    type: 'string',
    pattern: '^[!-~]{1,128}$',
    example: 'run-4711/cpu/17',
  })
  readonly id!: string;

  @ApiProperty({
    description: 'What was used: a built-in meter, or one of your own naming.',
    type: 'string',
    pattern: METER_NAME.source,
    example: 'cpu_seconds',
  })
  readonly meter!: string;

  @ApiProperty({
    description: 'How much, with at most six decimals; never negative.',
    type: 'number',
    minimum: 0,
    maximum: VALUE_MAX,
    example: 12.5,
  })
  readonly value!: number;

  @ApiProperty({
    description:
      'When, with its zone: at most ten minutes ahead, and not before the oldest month that is kept. Late and out of order is fine.',
    type: 'string',
    format: 'date-time',
    example: '2026-11-22T12:00:00Z',
  })
  readonly at!: string;

  @ApiPropertyOptional({
    description: 'What used it.',
    type: 'string',
    minLength: 1,
    maxLength: 255,
    example: 'workflow/po-1234',
  })
  readonly resource?: string;

  @ApiPropertyOptional({
    description: 'For whom it was used.',
    type: 'string',
    minLength: 1,
    maxLength: 255,
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  readonly actor?: string;

  @ApiPropertyOptional({
    description:
      'What else to tell it apart by. Each combination is summed up by itself: take few values.',
    type: 'object',
    maxProperties: LABELS_MAX,
    additionalProperties: { type: 'string', maxLength: 255 },
    example: { pool: 'eu-1' },
  })
  readonly labels?: Readonly<Record<string, string>>;
}

/** A batch of what was used. */
export class UsageEventsDto {
  @ApiProperty({
    description: 'In any order.',
    type: [UsageEventDto],
    minItems: 1,
    maxItems: EVENTS_MAX,
  })
  readonly events!: readonly UsageEventDto[];
}

/** What became of a batch. */
export class RecordedDto implements Recorded {
  /**
   * How many events were new, and are counted.
   * @example 998
   */
  readonly accepted: number;

  /**
   * How many bore an id that was counted before, in this batch or an earlier one of the same side.
   * @example 2
   */
  readonly duplicates: number;

  constructor({ accepted, duplicates }: Recorded) {
    this.accepted = accepted;
    this.duplicates = duplicates;
  }
}
