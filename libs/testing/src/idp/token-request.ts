import { type TokenShape } from './openid-app.js';

/** What a test wants a token to say. */
export interface TokenRequest {
  readonly subject: string;
  readonly email?: string;
  /** An e-mail is verified unless this says otherwise. */
  readonly emailVerified?: boolean;
  readonly name?: string;
  readonly groups?: readonly string[];
  /** The claim `hd` of Google Workspace. */
  readonly hostedDomain?: string;
  readonly audience?: string | readonly string[];
  /** Any other claims; they win over all the above. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Negative for a token that has expired already. */
  readonly expiresInSeconds?: number;
  /** The header `typ`; the provider's own is `at+jwt`. */
  readonly type?: string;
}

/** What a provider says in every token. */
export interface TokenDefaults {
  readonly audience: string;
  readonly extraClaims: Readonly<Record<string, unknown>>;
  readonly now: Date;
}

const EXPIRES_IN_SECONDS = 300;

/** Turns a wish into header and payload; a claim that is undefined leaves the token. */
export function shapeOf(request: TokenRequest, defaults: TokenDefaults): TokenShape {
  const { subject, type, expiresInSeconds = EXPIRES_IN_SECONDS } = request;
  const issuedAt = Math.floor(defaults.now.getTime() / 1_000);
  return {
    header: type === undefined ? {} : { typ: type },
    payload: {
      sub: subject,
      aud: request.audience ?? defaults.audience,
      // A token that has expired was issued before that.
      iat: Math.min(issuedAt, issuedAt + expiresInSeconds),
      exp: issuedAt + expiresInSeconds,
      ...defaults.extraClaims,
      ...personOf(request),
      ...request.claims,
    },
  };
}

function personOf(request: TokenRequest): Readonly<Record<string, unknown>> {
  const { email, emailVerified = true, name, groups, hostedDomain } = request;
  return {
    ...(email !== undefined && { email, email_verified: emailVerified }),
    ...(name !== undefined && { name }),
    ...(groups !== undefined && { groups }),
    ...(hostedDomain !== undefined && { hd: hostedDomain }),
  };
}
