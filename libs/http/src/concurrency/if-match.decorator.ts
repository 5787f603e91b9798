import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { PreconditionMissing } from '../request.errors.js';
import { documentHeader } from './document-header.js';
import { type ExpectedRevision, ifMatchOf } from './etag.js';

/** The revision that the caller expects, or `null`: `@IfMatch() expected: ExpectedRevision`. */
export const IfMatch = createParamDecorator(
  (_: undefined, context: ExecutionContext): ExpectedRevision => expectedBy(context),
  [documentIfMatch(false)],
);

/** The same where the route demands it: 428 without. */
export const RequiredIfMatch = createParamDecorator(
  (_: undefined, context: ExecutionContext): number | '*' => {
    const expected = expectedBy(context);
    if (expected === null) throw new PreconditionMissing();
    return expected;
  },
  [documentIfMatch(true)],
);

function expectedBy(context: ExecutionContext): ExpectedRevision {
  return ifMatchOf(context.switchToHttp().getRequest<FastifyRequest>().headers['if-match']);
}

function documentIfMatch(required: boolean): ParameterDecorator {
  return documentHeader({
    name: 'If-Match',
    required,
    description: 'The ETag of the resource as it was read; 412 when it has changed since.',
    example: '"7"',
  });
}
