import { type Answer, type Request, textOf } from './send.js';
import { MatrixWorld } from './matrix-world.js';

/** Calls the API with one token. */
export interface Voice {
  ask(request: Omit<Request, 'token'>): Promise<Answer>;
  get(path: string): Promise<Answer>;
  post(path: string, body?: object): Promise<Answer>;
  /** Under `If-Match`, which is any revision unless said otherwise; null: without one. */
  patch(path: string, body: object, ifMatch?: string | null): Promise<Answer>;
  delete(path: string): Promise<Answer>;
}

/** A tenant, and its admin, who came by an issuer of the tenant's own. */
export interface Household extends Voice {
  readonly id: string;
  readonly slug: string;
  /** The path of its issuers. */
  readonly issuers: string;
}

/** What a spec needs to know of a registration. */
export interface Registered {
  readonly id: string;
  readonly revision: number;
  readonly health: { readonly state: string; readonly reason: string | null };
  readonly ownership: {
    readonly proven: boolean;
    readonly method: string | null;
    readonly name: string | null;
    readonly names: readonly string[];
    readonly value: string;
  };
}

/** Tenants that register issuers by themselves, and a name server that answers as it is told to. */
export class TrustWorld {
  private constructor(readonly matrix: MatrixWorld) {}

  static async start(): Promise<TrustWorld> {
    return new TrustWorld(await MatrixWorld.start());
  }

  get txt(): MatrixWorld['txt'] {
    return this.matrix.txt;
  }

  /** The platform admin. */
  get admin(): Voice {
    return this.voice(this.matrix.api.adminToken);
  }

  voice(token: string): Voice {
    const ask: Voice['ask'] = (request) => this.matrix.send({ ...request, token });
    return {
      ask,
      get: (path) => ask({ method: 'GET', path }),
      post: (path, body = {}) => ask({ method: 'POST', path, body }),
      patch: (path, body, ifMatch = '*') =>
        ask({
          method: 'PATCH',
          path,
          body,
          headers: ifMatch === null ? {} : { 'if-match': ifMatch },
        }),
      delete: (path) => ask({ method: 'DELETE', path }),
    };
  }

  /** A host that nobody else has in this spec. */
  host(): string {
    return `login.${this.matrix.mark()}.example`;
  }

  async household(): Promise<Household> {
    const { id, slug } = await this.matrix.createTenant();
    const issuer = `https://staff.${slug}.example`;
    const issuerId = await this.matrix.trust(id, issuer);
    const member = { email: 'chief@acme.example', roles: ['tenant-admin'] };
    const added = await this.matrix.admin('POST', `/v1/tenants/${id}/members`, {
      ...member,
      issuerId,
      subject: 'chief',
    });
    textOf(added, 'id');
    const voice = this.voice(this.matrix.token(issuer, { sub: 'chief' }));
    return { id, slug, issuers: `/v1/tenants/${id}/issuers`, ...voice };
  }

  /** A registration that lets anyone in as a viewer, with the keys of this world. */
  body(issuer: string, given: object = {}): object {
    const open = { admission: 'anyone', roles: ['viewer'] };
    return { ...this.matrix.registration(issuer), ...open, ...given };
  }

  /** Has a tenant register an issuer, and nothing more. */
  async registered(by: Household, issuer: string, given: object = {}): Promise<Registered> {
    return created(await by.post(by.issuers, this.body(issuer, given)));
  }

  /** Has a tenant register an issuer and show that it is its own; answers its path. */
  async proven(by: Household, issuer: string, given: object = {}): Promise<string> {
    const { id, ownership } = await this.registered(by, issuer, given);
    this.publish(ownership);
    const path = `${by.issuers}/${id}`;
    answeredWell(await by.post(`${path}/prove`));
    return path;
  }

  /** Has the platform register an issuer for a tenant; answers its path. */
  async vouched(of: Household, issuer: string, given: object = {}): Promise<string> {
    const path = `${of.issuers}?wait=first-validation`;
    const { id } = created(await this.admin.post(path, this.body(issuer, given)));
    return `${of.issuers}/${id}`;
  }

  /** Puts the value under every name that is asked for. */
  publish({ names, value }: Pick<Registered['ownership'], 'names' | 'value'>): void {
    for (const name of names) this.txt.publish(name, value);
  }

  token(issuer: string, claims: Readonly<Record<string, unknown>> = {}): string {
    return this.matrix.token(issuer, { sub: 'ada', ...claims });
  }

  /** The tenant that a token opens, or the status that it is refused with. */
  async opens(token: string): Promise<string | number> {
    const { status, json } = await this.voice(token).get('/v1/me');
    if (status !== 200) return status;
    const { tenant } = json as { readonly tenant: { readonly id: string } };
    return tenant.id;
  }

  async issuer(path: string): Promise<Registered> {
    return answeredWell(await this.admin.get(path));
  }

  close(): Promise<void> {
    return this.matrix.close();
  }
}

function created(answer: Answer): Registered {
  if (answer.status !== 201) throw new Error(`Not registered: ${answer.text}`);
  return answer.json as Registered;
}

function answeredWell(answer: Answer): Registered {
  if (answer.status !== 200) throw new Error(`Not well: ${answer.text}`);
  return answer.json as Registered;
}

/** Status and code of a refusal, in one line. */
export function refusalOf({ status, json }: Answer): string {
  const code: unknown =
    typeof json === 'object' && json !== null ? Reflect.get(json, 'code') : undefined;
  return typeof code === 'string' ? `${status} ${code}` : String(status);
}
