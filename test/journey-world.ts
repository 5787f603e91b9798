import {
  type ClientCredentials,
  type components,
  createClient,
  type SessionTokens,
  type TenantryClient,
} from '@tenantry/client';
import { eventually } from './eventually.js';
import { type Event, listed, outcomeOf } from './journey-outcomes.js';
import { type Api, startApi } from './start-api.js';

/** Of everybody who accepts an invitation here. */
export const PASSWORD = 'nine slow ferries at the quay';

/** A change is enforced within a second; the machine that tests it may be busy. */
const ENFORCED = { withinMs: 5_000 };

type Schemas = components['schemas'];

/** Somebody who has signed in with a password. */
export interface SignedIn {
  readonly tokens: SessionTokens;
  /** Slugs: where they are, and where else they could be. */
  readonly tenant: string | null;
  readonly tenants: readonly string[];
}

/** What somebody who was invited has become. */
export interface Joined {
  readonly memberId: string;
  readonly email: string;
}

/** Two nodes on one database, and whoever calls them by the product's own client. */
export class JourneyWorld {
  private constructor(
    readonly first: Api,
    readonly second: Api,
  ) {}

  static async start(): Promise<JourneyWorld> {
    const first = await startApi();
    return new JourneyWorld(first, await startApi({ databaseUrl: first.databaseUrl }));
  }

  nobody(): TenantryClient {
    return createClient({ baseUrl: this.first.url });
  }

  bearer(accessToken: string, { url }: Api = this.first): TenantryClient {
    return createClient({ baseUrl: url, accessToken });
  }

  /** A person who goes on by refresh tokens; one client alone may hold a session. */
  session(sessionTokens: SessionTokens, { url }: Api = this.first): TenantryClient {
    return createClient({ baseUrl: url, sessionTokens });
  }

  /** Nothing but the refresh token is left of the session. */
  spent({ tokens }: SignedIn, node: Api): TenantryClient {
    return this.session({ ...tokens, expiresIn: 0 }, node);
  }

  async signIn(
    email: string,
    given: { readonly tenant?: string | null; readonly password?: string } = {},
  ): Promise<SignedIn> {
    const body = { email, password: PASSWORD, ...given };
    const { data } = await this.nobody().POST('/v1/login', { body });
    const { accessToken, refreshToken, expiresIn, tenant, tenants } = data;
    if (accessToken === undefined || refreshToken === undefined) throw new Error('No tokens.');
    return {
      tokens: { accessToken, refreshToken, expiresIn },
      tenant: tenant?.slug ?? null,
      tenants: tenants.map(({ slug }) => slug),
    };
  }

  /** Accepts the newest invitation of that address. */
  async accept(email: string): Promise<Schemas['AcceptedDto']> {
    const body = { token: this.first.mail.secretFor(email), password: PASSWORD };
    return (await this.nobody().POST('/v1/invitations/accept', { body })).data;
  }

  /** Invited by mail, and in. */
  async join(
    by: TenantryClient,
    tenant: string,
    { email, roles }: { readonly email: string; readonly roles: readonly string[] },
  ): Promise<Joined> {
    const init = { params: { path: { tenant } }, body: { email, roles } };
    await by.POST('/v1/tenants/{tenant}/invitations', init);
    const { memberId } = await this.accept(email);
    return { email, memberId };
  }

  /** Invited, in, and signed in to that tenant. */
  async enter(
    by: TenantryClient,
    tenant: string,
    invited: { readonly email: string; readonly roles: readonly string[] },
  ): Promise<Joined & SignedIn> {
    const joined = await this.join(by, tenant, invited);
    return { ...joined, ...(await this.signIn(invited.email, { tenant })) };
  }

  /** Another tenant's token for a person's, or Tenantry's for an issuer's. */
  async exchange(subject: string, audience: string, kind = 'access_token'): Promise<string> {
    return this.#token({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: subject,
      subject_token_type: `urn:ietf:params:oauth:token-type:${kind}`,
      audience,
    });
  }

  async machineToken({ clientId, clientSecret }: ClientCredentials): Promise<string> {
    const client = { client_id: clientId, client_secret: clientSecret };
    return this.#token({ grant_type: 'client_credentials', ...client });
  }

  /** What one and the same question is answered with on each node. */
  async everywhere(ask: (node: Api) => Promise<unknown>): Promise<string[]> {
    return Promise.all([this.first, this.second].map((node) => outcomeOf(ask(node))));
  }

  /** Fails unless every node soon answers like this. */
  async enforced(outcome: string, ask: (node: Api) => Promise<unknown>): Promise<void> {
    const isSo = (found: readonly string[]): boolean => found.every((one) => one === outcome);
    await eventually(() => this.everywhere(ask), isSo, ENFORCED);
  }

  /** A tenant's trail, oldest first. */
  async trail(by: TenantryClient, tenant: string): Promise<Event[]> {
    const init = { path: { tenant }, query: { limit: 5 } };
    const newestFirst = await listed(by.list('/v1/tenants/{tenant}/audit/events', init));
    return newestFirst.reverse();
  }

  async #token(body: Schemas['TokenRequestDto']): Promise<string> {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const { data } = await this.nobody().POST('/oauth/token', { headers, body });
    return data.access_token;
  }

  async close(): Promise<void> {
    await this.second.close();
    await this.first.close();
  }
}
