import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsDate, IsInt, IsOptional, Max, MaxDate, Min, Validate } from 'class-validator';

import { Labels, MayBeAbsent } from '@tenantry/http';
import { type SecretValue, VALUE_BYTES_MAX } from '../secret-value.js';
import { IsSecretValue } from './is-secret-value.decorator.js';

export const ROTATE_AFTER_DAYS_MAX = 3_650;
/** From then on ISO 8601 writes years in another form, which PostgreSQL does not read. */
export const END_OF_TIME = new Date('9999-12-31T23:59:59Z');

const VALUE = {
  description:
    'The value: a text, or bytes as { "base64": "…" }; at most 64 KiB. Never answered but by a reveal.',
  oneOf: [
    { type: 'string', minLength: 1, maxLength: VALUE_BYTES_MAX },
    {
      type: 'object',
      required: ['base64'],
      additionalProperties: false,
      properties: { base64: { type: 'string', format: 'byte', minLength: 4 } },
    },
  ],
  example: 'correct horse battery staple',
};

/** A value, and what is said of it. */
export class SaveSecretDto {
  @ApiProperty(VALUE)
  @IsSecretValue()
  readonly value!: SecretValue;

  /**
   * Labels to find it by; left out, it keeps those that it has.
   * @example { "adapter": "erp" }
   */
  @MayBeAbsent()
  @Validate(Labels)
  readonly labels?: Record<string, string>;

  /**
   * When this value expires, and is revealed no longer; left out or null, never.
   * @example 2027-06-30T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate({ message: 'must be a moment in time (ISO 8601)' })
  @MaxDate(END_OF_TIME, { message: 'must lie before the year 10000' })
  readonly expiresAt?: Date | null;

  /**
   * After how many days it is to be replaced: a reminder, in lists and in the metrics. Left out, it
   * stays as it was; null, nobody is reminded.
   * @example 90
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(ROTATE_AFTER_DAYS_MAX)
  readonly rotateAfterDays?: number | null;
}
