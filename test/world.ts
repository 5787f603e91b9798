import { newId } from '@tenantry/kernel';
import { IdentityProvider, type IdentityProviderOptions } from '@tenantry/testing';
import { type Answer, send } from './send.js';
import { type Api, type ApiOptions, startApi } from './start-api.js';

/** What a spec needs to know of a tenant. */
export interface TenantView {
  readonly id: string;
  readonly slug: string;
  readonly status: string;
  readonly health: string;
}

/** What a spec needs to know of an issuer. */
export interface IssuerView {
  readonly id: string;
  readonly issuer: string;
  readonly status: string;
  readonly health: { readonly state: string; readonly reason: string | null };
  readonly keyIds: readonly string[];
}

/** A tenant that trusts one issuer. */
export interface Trusting {
  readonly tenant: TenantView;
  readonly issuer: IssuerView;
  /** The path of that issuer. */
  readonly path: string;
}

/** Calls the API with one token. */
export interface Caller {
  readonly token: string;
  get(path: string, headers?: Readonly<Record<string, string>>): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

/** The application, the providers that it may trust, and short words for what specs do with them. */
export class World {
  readonly #idps: IdentityProvider[] = [];

  private constructor(readonly api: Api) {}

  static async start(options: ApiOptions = {}): Promise<World> {
    return new World(await startApi(options));
  }

  get admin(): Caller {
    return this.bearer(this.api.adminToken);
  }

  /** Sends this token with whatever is asked. */
  bearer(token: string): Caller {
    const { url } = this.api;
    return {
      token,
      get: (path, headers = {}) => send(url, { method: 'GET', path, token, headers }),
      post: (path, body = {}) => send(url, { method: 'POST', path, token, body }),
      delete: (path) => send(url, { method: 'DELETE', path, token }),
    };
  }

  /** A provider that ends with this world. */
  async idp(options: IdentityProviderOptions = {}): Promise<IdentityProvider> {
    const idp = await IdentityProvider.start(options);
    this.#idps.push(idp);
    return idp;
  }

  async createTenant(slug = `t-${newId()}`): Promise<TenantView> {
    const answer = await this.admin.post('/v1/tenants', { slug, displayName: slug });
    return answeredWith(201, answer) as TenantView;
  }

  /** Asks for a registration; whoever gets in by it without being a member is a viewer. */
  async register(tenant: TenantView, issuer: string, given: object = {}): Promise<Answer> {
    return this.admin.post(`/v1/tenants/${tenant.id}/issuers?wait=first-validation`, {
      issuer,
      audiences: ['tenantry'],
      admission: 'anyone',
      roles: ['viewer'],
      ...given,
    });
  }

  async registerIssuer(
    tenant: TenantView,
    { issuer }: { readonly issuer: string },
    given: object = {},
  ): Promise<IssuerView> {
    return answeredWith(201, await this.register(tenant, issuer, given)) as IssuerView;
  }

  /** A new tenant that trusts this provider. */
  async trusting(idp: { readonly issuer: string }, given: object = {}): Promise<Trusting> {
    const tenant = await this.createTenant();
    const issuer = await this.registerIssuer(tenant, idp, given);
    return { tenant, issuer, path: `/v1/tenants/${tenant.id}/issuers/${issuer.id}` };
  }

  async addMember({ id }: TenantView, member: object): Promise<void> {
    answeredWith(201, await this.admin.post(`/v1/tenants/${id}/members`, member));
  }

  /** What a platform admin sees of a tenant. */
  async tenant({ tenant }: Pick<Trusting, 'tenant'>): Promise<TenantView> {
    return answeredWith(200, await this.admin.get(`/v1/tenants/${tenant.id}`)) as TenantView;
  }

  /** Recheck, disable, enable or approve an issuer. */
  async act({ path }: Pick<Trusting, 'path'>, verb: string): Promise<IssuerView> {
    return answeredWith(200, await this.admin.post(`${path}/${verb}`)) as IssuerView;
  }

  /** Has an issuer checked, and says what is known of it then. */
  async recheck(trusting: Pick<Trusting, 'path'>): Promise<IssuerView['health']> {
    const { state, reason } = (await this.act(trusting, 'recheck')).health;
    return { state, reason };
  }

  async close(): Promise<void> {
    await this.api.close();
    await Promise.all(this.#idps.map((idp) => idp.close()));
  }
}

/** The body of an answer that only prepares what a spec is about; fails where it is another one. */
export function answeredWith(status: number, answer: Answer): unknown {
  if (answer.status === status) return answer.json;
  throw new Error(`Answered with ${answer.status} instead of ${status}: ${answer.text}`);
}
