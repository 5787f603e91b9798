import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsDate, IsIn, IsString, Matches, MaxLength, MinLength } from 'class-validator';

import { ListQueryDto, MayBeAbsent, momentOf } from '@tenantry/http';
import type { AskedUsage, Granularity } from './usage-query.js';

const TEXT_MAX = 255;
const GRANULARITIES = ['hour', 'day', 'month'];
const DATE = /^\d{4}-\d\d-\d\d$/;
const LABEL_KEY = '[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,61}[A-Za-z0-9])?';
const GROUP_BY = new RegExp(`^(?:meter|resource|actor|label:${LABEL_KEY})$`);
const GROUP_BY_OR_TENANT = new RegExp(`^(?:tenant|${GROUP_BY.source.slice(4, -2)})$`);
const GROUP_BY_MESSAGE = 'must be meter, resource, actor, or label: and the key of a label';

/** A day, which begins in UTC, or a moment with its zone; what is neither stays text, and is refused. */
function IsMoment(): PropertyDecorator {
  const read = Transform(({ value }: { value: unknown }) => {
    if (typeof value !== 'string') return value;
    const moment = momentOf(DATE.test(value) ? `${value}T00:00:00Z` : value);
    return moment === null ? value : new Date(moment);
  });
  const check = IsDate({ message: 'must be a date, or a moment of ISO 8601 with its zone' });
  return (target, property) => {
    read(target, property);
    check(target, property);
  };
}

/** What of the ledger is to be told. */
export class UsageQueryDto extends ListQueryDto implements AskedUsage {
  /**
   * Only this meter.
   * @example cpu_seconds
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_MAX)
  readonly meter?: string;

  /**
   * Only what this resource used.
   * @example workflow/po-1234
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_MAX)
  readonly resource?: string;

  /**
   * Only what was used for this actor.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_MAX)
  readonly actor?: string;

  @ApiPropertyOptional({
    description:
      'From this moment on, or from the start of this day in UTC; taken down to a whole hour or day. Thirty days before the end where it is absent.',
    type: 'string',
    example: '2026-11-01',
  })
  @MayBeAbsent()
  @IsMoment()
  readonly from?: Date;

  @ApiPropertyOptional({
    description:
      'Before this moment, or before this day in UTC; taken up to a whole hour or day. Now where it is absent.',
    type: 'string',
    example: '2026-12-01',
  })
  @MayBeAbsent()
  @IsMoment()
  readonly to?: Date;

  @ApiPropertyOptional({
    description: 'The periods to sum up by, in UTC. At most 31 days by the hour, 400 by the day.',
    enum: GRANULARITIES,
    default: 'day',
    example: 'day',
  })
  @IsIn(GRANULARITIES)
  readonly granularity: Granularity = 'day';

  @ApiPropertyOptional({
    description:
      'What to tell rows apart by, beside period and meter: `resource`, `actor`, or `label:` and the key of a label.',
    type: 'string',
    // Told without the form of a key: generators of clients stumble over its slash.
    pattern: '^(?:meter|resource|actor|label:.+)$',
    default: 'meter',
    example: 'label:pool',
  })
  @Matches(GROUP_BY, { message: GROUP_BY_MESSAGE })
  readonly groupBy: string = 'meter';
}

/** What of all tenants' ledgers is to be told. */
export class PlatformUsageQueryDto extends UsageQueryDto {
  /**
   * Only this tenant: its id, or its slug.
   * @example acme
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_MAX)
  readonly tenant?: string;

  @ApiPropertyOptional({
    description:
      'What to tell rows apart by, beside period, tenant and meter: `tenant` is nothing more; else `resource`, `actor`, or `label:` and the key of a label.',
    type: 'string',
    pattern: '^(?:tenant|meter|resource|actor|label:.+)$',
    default: 'tenant',
    example: 'tenant',
  })
  @Matches(GROUP_BY_OR_TENANT, { message: `must be tenant, or ${GROUP_BY_MESSAGE.slice(8)}` })
  override readonly groupBy: string = 'tenant';
}
