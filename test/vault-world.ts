import { type Answer, type Request, send, textOf } from './send.js';
import { SteppedClock } from './stepped-clock.js';
import { Superuser } from './superuser.js';
import { answeredWith, type TenantView, World } from './world.js';
import { type Api, type ApiOptions, startApi } from './start-api.js';

/** Calls the API with one token. */
export interface Voice {
  ask(method: string, path: string, body?: object, headers?: Request['headers']): Promise<Answer>;
  get(path: string): Promise<Answer>;
  put(path: string, body: object, headers?: Request['headers']): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
}

/** A tenant whose admin is a service account: whoever may do everything there, reveals included. */
export interface VaultTenant extends TenantView {
  /** The path of the tenant. */
  readonly at: string;
  /** The path of its secrets. */
  readonly secrets: string;
  readonly root: Voice;
  /** The token of `root`. */
  readonly token: string;
}

/** Another node on the same database. */
export interface VaultNode {
  readonly api: Api;
  voice(token: string): Voice;
  close(): Promise<void>;
}

/** Tenants that keep secrets, and services that ask for them. */
export class VaultWorld {
  readonly superuser: Superuser;

  private constructor(
    readonly world: World,
    readonly clock: SteppedClock,
  ) {
    this.superuser = new Superuser(world.api);
  }

  static async start(options: ApiOptions = {}): Promise<VaultWorld> {
    const clock = new SteppedClock();
    return new VaultWorld(await World.start({ clock, ...options }), clock);
  }

  async close(): Promise<void> {
    await this.superuser.close();
    await this.world.close();
  }

  /** The platform admin. */
  get platform(): Voice {
    return this.voice(this.world.api.adminToken);
  }

  voice(token: string, url = this.world.api.url): Voice {
    const ask: Voice['ask'] = (method, path, body, headers = {}) =>
      send(url, { method, path, token, headers, ...(body ? { body } : {}) });
    return {
      ask,
      get: (path) => ask('GET', path),
      put: (path, body, headers) => ask('PUT', path, body, headers),
      post: (path, body = {}) => ask('POST', path, body),
    };
  }

  async tenant(): Promise<VaultTenant> {
    const tenant = await this.world.createTenant();
    const at = `/v1/tenants/${tenant.id}`;
    const token = await this.serviceToken(at, ['tenant-admin']);
    return { ...tenant, at, secrets: `${at}/secrets`, token, root: this.voice(token) };
  }

  async node(options: ApiOptions = {}): Promise<VaultNode> {
    const { databaseUrl } = this.world.api;
    const api = await startApi({ clock: this.clock, ...options, databaseUrl });
    return { api, voice: (token) => this.voice(token, api.url), close: () => api.close() };
  }

  /** A token of a new service account of a tenant. */
  async serviceToken(at: string, roles: readonly string[]): Promise<string> {
    const made = await this.platform.post(`${at}/service-accounts`, { name: roles.join(), roles });
    return this.tokenOf(answeredWith(201, made) as Credentials);
  }

  /** A service account of the platform that is an engine, and its token. */
  async engine(): Promise<Credentials & { readonly id: string; readonly token: string }> {
    const asked = { name: 'engine', roles: ['engine'] };
    const made = await this.platform.post('/v1/platform/admins', asked);
    const engine = answeredWith(201, made) as Credentials & { readonly id: string };
    return { ...engine, token: await this.tokenOf(engine) };
  }

  async tokenOf({ clientId, clientSecret }: Credentials): Promise<string> {
    const answer = await send(this.world.api.url, {
      method: 'POST',
      path: '/oauth/token',
      raw: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
      }),
    });
    return textOf(answer, 'access_token');
  }
}

interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
}
