import { OAuthRefusal } from '@tenantry/http';
import type { TokenRequestDto } from './dto/token-request.dto.js';
import type { ClientCredential } from './grants/client-credentials.js';

/** The fields of a form by which a client can authenticate. */
type ClientFields = Pick<TokenRequestDto, 'client_id' | 'client_secret'>;

const BASIC = /^basic +([A-Za-z0-9+/]+=*) *$/i;

/** The client's credential, by HTTP Basic or in the body, never by both (RFC 6749 §2.3). */
export function credentialOf(
  authorization: string | undefined,
  { client_id: clientId, client_secret: clientSecret }: ClientFields,
): ClientCredential {
  const basic = authorization === undefined ? null : basicCredentialOf(authorization);
  if (basic && clientSecret !== undefined) {
    throw new OAuthRefusal('invalid_request', 'A client authenticates in one way, not in two.');
  }
  if (basic) return basic;
  if (!clientId || !clientSecret) throw unauthenticated();
  return { clientId, clientSecret };
}

/** RFC 6749 §2.3.1: both halves are form-encoded before they are joined. */
function basicCredentialOf(authorization: string): ClientCredential {
  const encoded = BASIC.exec(authorization)?.[1];
  const decoded = encoded ? Buffer.from(encoded, 'base64').toString('utf8') : '';
  const colon = decoded.indexOf(':');
  if (colon <= 0) throw unauthenticated();
  try {
    return {
      clientId: formDecoded(decoded.slice(0, colon)),
      clientSecret: formDecoded(decoded.slice(colon + 1)),
    };
  } catch (error) {
    throw unauthenticated(error);
  }
}

function formDecoded(text: string): string {
  return decodeURIComponent(text.replaceAll('+', ' '));
}

function unauthenticated(cause?: unknown): OAuthRefusal {
  return new OAuthRefusal('invalid_client', 'The client did not authenticate.', {
    status: 401,
    cause,
  });
}
