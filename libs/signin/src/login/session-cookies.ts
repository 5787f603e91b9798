import { SESSION_COOKIE } from '@tenantry/access';

/** `Strict`: whoever follows a link from elsewhere arrives signed out, until a page of ours asks. */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Strict';

/** The header that gives a browser its session (RFC 6265bis §4.1). */
export function sessionCookie(secret: string, maxAgeSeconds: number): string {
  return `${SESSION_COOKIE}=${secret}; Max-Age=${maxAgeSeconds}; ${ATTRIBUTES}`;
}

/** The header that takes it away again. */
export function noSessionCookie(): string {
  return sessionCookie('', 0);
}
