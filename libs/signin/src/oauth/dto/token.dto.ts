import type { IssuedToken } from '../../tokens/access-tokens.js';

/** An access token (RFC 6749 §5.1). */
export class TokenDto {
  /**
   * The token: a JWT (RFC 9068), good for ten minutes.
   * @example eyJhbGciOiJFZERTQSIsInR5cCI6ImF0K2p3dCJ9.e30.c2ln
   */
  readonly access_token: string;

  /**
   * How it is used.
   * @example Bearer
   */
  readonly token_type = 'Bearer' as const;

  /**
   * For how many seconds it is good.
   * @example 600
   */
  readonly expires_in: number;

  /**
   * The token that gets the next access token, once; for the session of a sign-in alone. An exchange
   * gives none: exchange anew.
   * @example tnr_4bJ2xkQ0dN9rVtW7yZcE1fGhI3jKlMaB5CdEf6
   */
  readonly refresh_token?: string;

  /**
   * What kind of token an exchange has made (RFC 8693 §2.2.1).
   * @example urn:ietf:params:oauth:token-type:access_token
   */
  readonly issued_token_type?: string;

  constructor({
    accessToken,
    expiresInSeconds,
    refreshToken,
    issuedTokenType,
  }: IssuedToken & { readonly refreshToken?: string; readonly issuedTokenType?: string }) {
    this.access_token = accessToken;
    this.expires_in = expiresInSeconds;
    if (refreshToken !== undefined) this.refresh_token = refreshToken;
    if (issuedTokenType !== undefined) this.issued_token_type = issuedTokenType;
  }
}
