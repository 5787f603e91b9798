import { OAuthRefusal } from '@tenantry/http';
import type { TokenRequestDto } from '../dto/token-request.dto.js';

/** RFC 8693 §2.1. */
export const TOKEN_EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange';
/** RFC 8693 §3. */
export const ACCESS_TOKEN_TYPE = 'urn:ietf:params:oauth:token-type:access_token';

const SUBJECT_TYPES = new Set([ACCESS_TOKEN_TYPE, 'urn:ietf:params:oauth:token-type:jwt']);
const TENANT_URN = 'urn:tenantry:tenant:';

/** A token that is shown, and the tenant that another one is wanted for. */
export interface ExchangeRequest {
  readonly subjectToken: string;
  /** Id or slug of a tenant; null: the one that the token itself speaks of. */
  readonly audience: string | null;
}

/** Reads what is asked for. Throws `OAuthRefusal` for what there is not. */
export function exchangeRequestOf(body: TokenRequestDto): ExchangeRequest {
  const { subject_token: subjectToken, subject_token_type: type, audience } = body;
  if (!subjectToken || !type) {
    throw invalid('subject_token and subject_token_type are required for this grant.');
  }
  if (!SUBJECT_TYPES.has(type)) throw invalid('subject_token_type is of another kind.');
  if ((body.requested_token_type ?? ACCESS_TOKEN_TYPE) !== ACCESS_TOKEN_TYPE) {
    throw invalid('requested_token_type can be an access token alone.');
  }
  // Left out of the answer it would be a wider token than was asked for.
  if (body.actor_token !== undefined) throw invalid('Nobody acts for somebody else here.');
  return { subjectToken, audience: audience ? tenantNameOf(audience) : null };
}

function tenantNameOf(audience: string): string {
  return audience.startsWith(TENANT_URN) ? audience.slice(TENANT_URN.length) : audience;
}

function invalid(description: string): OAuthRefusal {
  return new OAuthRefusal('invalid_request', description);
}
