import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { type Observable, tap } from 'rxjs';

import { etagOf } from './etag.js';

/** Sends the revision of the resource in the answer as its `ETag`. */
@Injectable()
export class EtagInterceptor implements NestInterceptor<unknown, unknown> {
  intercept(context: ExecutionContext, next: CallHandler<unknown>): Observable<unknown> {
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      tap((body) => {
        const revision = revisionOf(body);
        if (revision !== null && !reply.raw.headersSent)
          void reply.header('etag', etagOf(revision));
      }),
    );
  }
}

// A list may have a revision of its own, which is no entity tag that `If-Match` could name.
function revisionOf(body: unknown): number | null {
  if (typeof body !== 'object' || body === null || 'items' in body) return null;
  return 'revision' in body && typeof body.revision === 'number' ? body.revision : null;
}
