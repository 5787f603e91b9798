import type { IncomingHttpHeaders } from 'node:http';

const SECONDS = /^\d{1,9}$/;
const DATE = /^[A-Z][a-z]{2}, .{20} GMT$/;

/**
 * Reads `Retry-After` (RFC 9110 §10.2.3): seconds, or a date. A date is read by the clock that wrote
 * it, which is in the `Date` of the same answer.
 */
export function retryAfterOf(headers: IncomingHttpHeaders): number | null {
  const text = headers['retry-after']?.trim() ?? '';
  if (SECONDS.test(text)) return Number(text);
  if (!DATE.test(text)) return null;
  const waitMs = Date.parse(text) - Date.parse(headers.date ?? '');
  return Number.isNaN(waitMs) ? null : Math.max(0, Math.ceil(waitMs / 1_000));
}
