import { applyDecorators } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { IsString, Matches, MaxLength } from 'class-validator';

const LENGTH_MAX = 63;

/** The form of short names that stand in paths. */
export const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** A short name for paths; what is shaped like an id would be taken for one. */
export const IsSlug = (): PropertyDecorator =>
  applyDecorators(
    ApiProperty({ maxLength: LENGTH_MAX, pattern: SLUG.source }),
    IsString(),
    MaxLength(LENGTH_MAX),
    Matches(SLUG, { message: 'must be 1 to 63 lower-case letters, digits and inner hyphens' }),
    Matches(/^(?![0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$)/, {
      message: 'must not be shaped like an id',
    }),
  );
