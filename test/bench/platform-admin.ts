import type { JWK } from 'jose';

import { ADMIN } from './settings.js';

interface NewIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly publicJwk: JWK;
  readonly roles?: readonly string[];
}

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

  /** Registers an issuer by its key; whoever it vouches for has these roles. Returns its id. */
  async registerIssuer(
    tenant: string,
    { issuer, audience, publicJwk, roles = ['viewer'] }: NewIssuer,
  ): Promise<string> {
    await this.post('/v1/tenants', { slug: tenant, displayName: tenant });
    const { id } = await this.post(`/v1/tenants/${tenant}/issuers?wait=first-validation`, {
      issuer,
      audiences: [audience],
      keys: { jwks: { keys: [publicJwk] } },
      admission: 'anyone',
      roles,
    });
    return String(id);
  }

  async post(path: string, body?: object): Promise<Readonly<Record<string, unknown>>> {
    return this.#send('POST', path, body);
  }

  async put(path: string, body: object): Promise<Readonly<Record<string, unknown>>> {
    return this.#send('PUT', path, body);
  }

  async #send(
    method: string,
    path: string,
    body?: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    const answer = await fetch(`${this.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(body ?? {}),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  }
}
