import { cookieOf } from './cookie.js';

/** `__Host-`: only over TLS, for this host alone, and for all of its paths (RFC 6265bis §4.1.3.2). */
export const SESSION_COOKIE = '__Host-tenantry-session';

const LENGTH_MAX = 256;

/** The secret in the session cookie; null where there is none, or where two claim to be it. */
export function sessionCookieOf(header: string | undefined): string | null {
  return cookieOf(header, SESSION_COOKIE, LENGTH_MAX);
}
