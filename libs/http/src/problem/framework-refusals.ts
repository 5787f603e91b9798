import { HttpException } from '@nestjs/common';

interface Refusal {
  readonly code: `request.${string}`;
  readonly detail: string;
}

/**
 * How the refusals of Nest, Fastify and Node are told, by their status.
 *
 * Their own messages stay inside: they name paths, libraries and what was sent.
 */
export const FRAMEWORK_REFUSALS: Readonly<Record<number, Refusal>> = {
  400: { code: 'request.malformed', detail: 'The request is not well-formed HTTP, URL or JSON.' },
  404: { code: 'request.route_not_found', detail: 'No route answers this method and path.' },
  408: { code: 'request.timeout', detail: 'The request took too long to arrive.' },
  413: { code: 'request.body_too_large', detail: 'A body is at most 1 MiB.' },
  414: { code: 'request.path_too_long', detail: 'A part of the path is too long.' },
  415: {
    code: 'request.media_type_unsupported',
    detail: 'Send the body as application/json, or as the form that /oauth asks for.',
  },
  431: { code: 'request.headers_too_large', detail: 'The headers are too large.' },
};

const REJECTED: Refusal = {
  code: 'request.rejected',
  detail: 'The request cannot be served in this form.',
};

/** What a framework refused before, or instead of, our own code; `null` for everything else. */
export function frameworkRefusalOf(error: unknown): (Refusal & { readonly status: number }) | null {
  const status = statusOf(error);
  if (status < 400 || status >= 500) return null;
  return { status, ...(FRAMEWORK_REFUSALS[status] ?? REJECTED) };
}

// A `statusCode` on any other error speaks of somebody else's answer – an HTTP client carries
// that of the server it called – and must not become ours.
function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'statusCode' in error && isOfFastify(error)) {
    return Number(error.statusCode);
  }
  return 500;
}

// Fastify names its own errors so; a parser that refuses a body throws a SyntaxError with a status.
function isOfFastify(error: Error): boolean {
  return error.name === 'FastifyError' || error instanceof SyntaxError;
}
