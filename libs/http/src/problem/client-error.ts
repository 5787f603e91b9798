import type { Socket } from 'node:net';

import { newId } from '@tenantry/kernel';
import { FRAMEWORK_REFUSALS } from './framework-refusals.js';
import { titleOf } from './status-title.js';

const STATUS_OF_CODE: Readonly<Record<string, number>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 408,
  HPE_HEADER_OVERFLOW: 431,
};

/** Answers bytes that Node could not read as HTTP: there is neither a request nor a reply yet. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) socket.write(answerTo(error.code ?? ''));
  socket.destroy(error);
}

function answerTo(errorCode: string): string {
  const status = STATUS_OF_CODE[errorCode] ?? 400;
  const title = titleOf(status);
  const refusal = FRAMEWORK_REFUSALS[status];
  const requestId = newId();
  const type = `urn:tenantry:problem:${refusal?.code ?? ''}`;
  const body = JSON.stringify({ type, title, status, ...refusal, requestId });
  return [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${requestId}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n');
}
