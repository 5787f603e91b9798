import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** One JSON text a line: https://github.com/ndjson/ndjson-spec */
export const NDJSON = 'application/x-ndjson';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly takesNdjson?: boolean;
  }
}

const NEWLINE = 10;

/** This route takes lines of JSON as well, and answers each as soon as it has read it. */
export const TakesNdjson = (): MethodDecorator => RouteConfig({ takesNdjson: true });

export function takesNdjson({ routeOptions }: FastifyRequest): boolean {
  return routeOptions.config.takesNdjson === true;
}

/** Hands the bytes on as they come: a stream has no end that could be waited for. */
export function addNdjsonParser(fastify: FastifyInstance): void {
  fastify.addContentTypeParser(NDJSON, (_request, payload, done) => {
    done(null, payload);
  });
}

/** The lines of a stream without the empty ones; null stands for one that is longer than allowed. */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  lineBytesMax: number,
): AsyncGenerator<string | null> {
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  for await (const chunk of stream) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = rest.subarray(0, end).toString('utf8').trim();
      rest = rest.subarray(end + 1);
      if (isTooLong || line.length > lineBytesMax) yield null;
      else if (line !== '') yield line;
      isTooLong = false;
    }
    if (rest.length > lineBytesMax) {
      isTooLong = true;
      rest = Buffer.alloc(0);
    }
  }
  const last = rest.toString('utf8').trim();
  if (isTooLong) yield null;
  else if (last !== '') yield last;
}
