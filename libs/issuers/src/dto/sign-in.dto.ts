import { IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import type { Issuer } from '../issuer.js';

const TEXT_LENGTH_MAX = 255;
const SECRET_LENGTH_MAX = 2_048;

/** The client that Tenantry is at the provider. */
export class SetSignInDto {
  /**
   * Its id, as the provider gave it.
   * @example tenantry
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly clientId!: string;

  /**
   * Its secret; absent for a public client, which PKCE alone protects. Kept sealed, never shown.
   * @example 8Jq2vX0nVb3mR7tYc1LwZs5dKf9hGp4u
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(SECRET_LENGTH_MAX)
  readonly clientSecret?: string | null;
}

/** How people sign in by a browser at an issuer. */
export class SignInDto {
  /**
   * Id of the client that Tenantry is there.
   * @example tenantry
   */
  readonly clientId: string;

  /**
   * What to register there as the redirect URI of the client.
   * @example https://tenantry.example.com/v1/signin/oidc/callback/01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3e
   */
  readonly redirectUri: string;

  /**
   * Where a browser begins.
   * @example https://tenantry.example.com/v1/signin/oidc/start?tenant=01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d&issuer=01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3e
   */
  readonly loginUrl: string;

  constructor(clientId: string, { tenantId, id }: Issuer, publicUrl: string) {
    const oidc = `${publicUrl}/v1/signin/oidc`;
    this.clientId = clientId;
    this.redirectUri = `${oidc}/callback/${id}`;
    this.loginUrl = `${oidc}/start?tenant=${tenantId}&issuer=${id}`;
  }
}
