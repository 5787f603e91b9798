import type { Readable } from 'node:stream';

import { applyDecorators, Header, StreamableFile, type Type } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, getSchemaPath } from '@nestjs/swagger';

/** Documents an answer that is a page of JSON, or a file of CSV, as `Accept` asks. */
export const ApiUsage = (page: Type): MethodDecorator =>
  applyDecorators(
    Header('Vary', 'Accept'),
    ApiExtraModels(page),
    ApiOkResponse({
      description: 'A page of it; with `Accept: text/csv` all of it as a file (RFC 4180).',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(page) } },
        'text/csv': { schema: { type: 'string' } },
      },
    }),
  );

/** Sends CSV as a file, while it is read. */
export function csvFile(content: Readable): StreamableFile {
  return new StreamableFile(content, {
    type: 'text/csv; charset=utf-8',
    disposition: 'attachment; filename="usage.csv"',
  });
}
