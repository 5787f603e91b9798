import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min, MinLength } from 'class-validator';
import { QueryInteger } from '../validation/query-integer.decorator.js';

export const CURSOR_LENGTH_MAX = 512;
const LIMIT_MAX = 200;
const LIMIT_DEFAULT = 50;

/** What every list may be asked for; a list with filters extends it. */
export class ListQueryDto {
  @ApiPropertyOptional({
    description: 'How many items a page holds at most.',
    type: 'integer',
    minimum: 1,
    maximum: LIMIT_MAX,
    default: LIMIT_DEFAULT,
    example: LIMIT_DEFAULT,
  })
  @QueryInteger(6)
  @IsInt()
  @Min(1)
  @Max(LIMIT_MAX)
  readonly limit: number = LIMIT_DEFAULT;

  @ApiPropertyOptional({
    description: 'The nextCursor of the page before, unchanged and with the same filters.',
    type: 'string',
    minLength: 1,
    maxLength: CURSOR_LENGTH_MAX,
  })
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(CURSOR_LENGTH_MAX)
  readonly cursor?: string;
}
