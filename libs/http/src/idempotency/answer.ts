import { StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';

/** An answer as it can be given again. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Missing where the answer has no body. */
  readonly body?: unknown;
}

/** The headers that belong to the resource; those of the request (its id) are made anew. */
const KEPT_HEADERS = ['location', 'etag', 'cache-control', 'tenantry-revision'] as const;

/** What is about to be sent, or `null` where it is not to be given again. */
export function answerOf(body: unknown, reply: FastifyReply): Answer | null {
  const { statusCode: status } = reply;
  if (status < 200 || status > 299 || reply.sent || isStream(body)) return null;

  const headers: Record<string, string> = {};
  for (const name of KEPT_HEADERS) {
    const value = reply.getHeader(name);
    if (value !== undefined) headers[name] = String(value);
  }
  return { status, headers, body };
}

/** Gives the answer again; what it returns is the body. */
export function replay({ status, headers, body }: Answer, reply: FastifyReply): unknown {
  void reply.status(status).headers({ ...headers, 'idempotency-replayed': 'true' });
  return body;
}

function isStream(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return body instanceof StreamableFile || Buffer.isBuffer(body) || 'pipe' in body;
}
