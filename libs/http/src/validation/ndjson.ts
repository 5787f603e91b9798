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

/**
 * The lines of a stream without the empty ones; null stands for one that is longer than allowed.
 * When it is over, there are no more, though the stream be silent; it is left as it is.
 */
export async function* linesOf(
  stream: AsyncIterable<Buffer>,
  lineBytesMax: number,
  over: AbortSignal,
): AsyncGenerator<string | null> {
  let rest: Buffer = Buffer.alloc(0);
  let isTooLong = false;
  for await (const chunk of chunksOf(stream, over)) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(NEWLINE); end >= 0; end = rest.indexOf(NEWLINE)) {
      const line = rest.subarray(0, end).toString('utf8').trim();
      rest = rest.subarray(end + 1);
      if (isTooLong || end > lineBytesMax) yield null;
      else if (line !== '') yield line;
      isTooLong = false;
    }
    if (rest.length > lineBytesMax) {
      isTooLong = true;
      rest = Buffer.alloc(0);
    }
  }
  if (over.aborted) return;
  const last = rest.toString('utf8').trim();
  if (isTooLong) yield null;
  else if (last !== '') yield last;
}

/** Never asks the stream to return: that waits for a silent one, and destroys the connection of a request. */
async function* chunksOf(stream: AsyncIterable<Buffer>, over: AbortSignal): AsyncGenerator<Buffer> {
  const chunks = stream[Symbol.asyncIterator]();
  let wake: (() => void) | null = null;
  const onOver = (): void => wake?.();
  over.addEventListener('abort', onOver, { once: true });
  while (!over.aborted) {
    const next = await new Promise<IteratorResult<Buffer, unknown> | null>((resolve, reject) => {
      wake = () => {
        resolve(null);
      };
      chunks.next().then(resolve, reject);
    });
    if (next === null || next.done === true) break;
    yield next.value;
  }
  over.removeEventListener('abort', onOver);
}
