import type { IncomingHttpHeaders } from 'node:http';

import { bearerTokenOf, type Credential } from './bearer-token.js';
import { sessionCookieOf } from './session-cookie.js';

/** What a request shows. A cookie counts only where no credential is shown on purpose. */
export function credentialOf({ authorization, cookie }: IncomingHttpHeaders): Credential {
  const session = authorization === undefined ? sessionCookieOf(cookie) : null;
  if (session !== null) return { kind: 'cookie', text: session };
  return { kind: 'token', text: bearerTokenOf(authorization) };
}
