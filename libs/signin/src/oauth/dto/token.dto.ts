import type { IssuedToken } from '../token-issuing.js';

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

  constructor({ accessToken, expiresInSeconds }: IssuedToken) {
    this.access_token = accessToken;
    this.expires_in = expiresInSeconds;
  }
}
