import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse } from '@nestjs/swagger';

import { ApiRefusals, NDJSON } from '@tenantry/http';
import { AuditEventDto } from '../dto/audit-event.dto.js';

/** Where the exported trail ends. */
export const TRAIL_SEQUENCE = 'tenantry-trail-sequence';

/** Documents the answer of an export. */
export const ApiExport = (): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(AuditEventDto),
    ApiOkResponse({
      description: 'The events, oldest first, one JSON text a line.',
      headers: {
        'Tenantry-Trail-Sequence': {
          description: 'The place on the trail up to which this export goes.',
          schema: { type: 'integer' },
        },
      },
      content: { [NDJSON]: { schema: { type: 'string' } } },
    }),
    ApiRefusals({ 429: ['audit.too_many_streams'] }),
  );
