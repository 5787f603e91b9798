import type { JWK } from 'jose';

import { ADMIN } from './settings.js';

/** Who sets a control plane up, over its own API. */
export class PlatformAdmin {
  private constructor(
    private readonly url: string,
    private readonly token: string,
  ) {}

  static async signIn(url: string): Promise<PlatformAdmin> {
    const credential = Buffer.from(`${ADMIN.clientId}:${ADMIN.clientSecret}`).toString('base64');
    const answer = await fetch(`${url}/oauth/token`, {
      method: 'POST',
      headers: { authorization: `Basic ${credential}` },
      body: new URLSearchParams({ grant_type: 'client_credentials' }),
    });
    const { access_token: token } = (await answer.json()) as { readonly access_token: string };
    return new PlatformAdmin(url, token);
  }

  /** Registers an issuer by its key; whoever it vouches for is a viewer. Returns its id. */
  async registerIssuer(
    tenant: string,
    { issuer, audience, publicJwk }: { issuer: string; audience: string; publicJwk: JWK },
  ): Promise<string> {
    await this.post('/v1/tenants', { slug: tenant, displayName: tenant });
    const { id } = await this.post(`/v1/tenants/${tenant}/issuers?wait=first-validation`, {
      issuer,
      audiences: [audience],
      keys: { jwks: { keys: [publicJwk] } },
      admission: 'anyone',
      roles: ['viewer'],
    });
    return String(id);
  }

  async post(path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    const answer = await fetch(`${this.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  }
}
