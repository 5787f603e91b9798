import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { IfNoneMatchMalformed } from '../request.errors.js';
import { documentHeader } from './document-header.js';

/** Whether the caller wants a new resource or none (RFC 9110 §13.1.2): `If-None-Match: *`. */
export const IfNoneMatch = createParamDecorator(
  (_: undefined, context: ExecutionContext): boolean => {
    const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-none-match'];
    if (header === undefined) return false;
    // A list of tags asks for another revision than those, which no change here is good for.
    if (header.trim() !== '*') throw new IfNoneMatchMalformed();
    return true;
  },
  [
    documentHeader({
      name: 'If-None-Match',
      required: false,
      description: 'Only `*`: create it, or fail with 412 where it exists already.',
      example: '*',
    }),
  ],
);
