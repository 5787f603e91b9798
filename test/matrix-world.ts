import { createHmac } from 'node:crypto';

import { MasterKey } from '@tenantry/crypto';
import { newId } from '@tenantry/kernel';
import { craftToken, newSigningKey, type SigningKey } from '@tenantry/testing';
import { type AppRoute, declaredRoutes } from './route-table.js';
import { type Ids, pathOf, sampleOf } from './route-samples.js';
import { type Answer, itemsOf, type Request, send, textOf } from './send.js';
import { type Api, type ApiOptions, startApi } from './start-api.js';
import { Superuser } from './superuser.js';
import { TxtRecords } from './txt-records.js';

const AUDIENCE = 'tenantry';
const TOKEN_LIFE_SECONDS = 3_600;

/** Parameters whose things are made only where a spec needs them. */
const RARER = [
  'platformIssuer',
  'role',
  'account',
  'apiKey',
  'invitation',
  'breakGlass',
  'admin',
  'session',
  'secret',
  'kind',
  'lease',
  'plan',
  'usage',
  'requestId',
  'sink',
  'letter',
];

/** Routes for machines alone. */
const OF_A_SERVICE = /\/secrets\/(?:reveal|[^/]+\/value)$/;

/** Routes for people with an account of their own. */
const OF_A_PERSON = /^\/v1\/(?:account|password\/change|logout)/;

/** A tenant with something of everything in it. */
export interface FilledTenant {
  readonly id: string;
  readonly slug: string;
  /** What stands for each parameter of a path, the tenant's own id among them. */
  readonly ids: Ids;
  /** A token of its admin, who came by its own issuer. */
  readonly token: string;
  /** A token of a person with an account, who is a viewer in it. */
  readonly personToken: string;
  /** A token of a service account that reveals, and does nothing else. */
  readonly serviceToken: string;
  /** The id of that admin. */
  readonly adminId: string;
  /** `iss` of that token. */
  readonly issuer: string;
}

/** The application, tenants full of data, and a way to look at the rows. */
export class MatrixWorld {
  readonly superuser: Superuser;
  #count = 0;
  #engine: Promise<string> | undefined;

  private constructor(
    readonly api: Api,
    readonly key: SigningKey,
    readonly txt: TxtRecords,
  ) {
    this.superuser = new Superuser(api);
  }

  static async start(options: ApiOptions = {}): Promise<MatrixWorld> {
    const txt = new TxtRecords();
    const [api, key] = await Promise.all([startApi({ txt, ...options }), newSigningKey('EdDSA')]);
    return new MatrixWorld(api, key, txt);
  }

  async close(): Promise<void> {
    await this.superuser.close();
    await this.api.close();
  }

  send(request: Request): Promise<Answer> {
    return send(this.api.url, request);
  }

  /** Sends with the token of the platform admin. */
  admin(method: string, path: string, body?: object): Promise<Answer> {
    const { adminToken: token } = this.api;
    return this.send({ method, path, token, ...(body ? { body } : {}) });
  }

  /** Something that no other call has given. */
  mark(): string {
    return `m${String(++this.#count)}`;
  }

  routes(): AppRoute[] {
    return declaredRoutes(this.api);
  }

  /** A tenant without any data but its own. */
  async createTenant(given: object = {}): Promise<{ readonly id: string; readonly slug: string }> {
    const slug = this.mark();
    const made = await this.admin('POST', '/v1/tenants', { slug, displayName: slug, ...given });
    return { id: textOf(made, 'id'), slug: textOf(made, 'slug') };
  }

  /**
   * Makes one of everything; a new parameter of a path is to be given its id here. Where a spec
   * needs but a few, only those of the rarer things are made.
   */
  async fillTenant(needed: readonly string[] = RARER): Promise<FilledTenant> {
    const { id, slug } = await this.createTenant({
      region: 'eu-central',
      plan: 'team',
      labels: { tier: 'gold' },
      routes: [{ host: `t${newId()}.example.com`, pathPrefix: '/' }],
    });
    const path = `/v1/tenants/${id}`;
    const issuer = `https://login.${slug}.example`;
    const login = await this.trust(id, issuer);
    const member = await this.admin('POST', `${path}/members`, {
      email: `admin@${slug}.example`,
      displayName: `Admin of ${slug}`,
      roles: ['tenant-admin'],
      issuerId: login,
      subject: 'admin',
    });
    const token = this.token(issuer, { sub: 'admin', email: `admin@${slug}.example` });
    const post = (part: string, body: object): Promise<Answer> =>
      this.send({ method: 'POST', path: path + part, token, body });
    // Another issuer and another member, so that its admin is still one when they are gone.
    const other = await post('/issuers', this.registration(`https://other.${slug}.example`));
    // What shows that it is the tenant's own, for whoever has that looked at.
    const { ownership } = other.json as {
      readonly ownership: { readonly name: string; readonly value: string };
    };
    this.txt.publish(ownership.name, ownership.value);
    const victim = await post('/members', {
      email: `victim@${slug}.example`,
      roles: ['viewer'],
      issuerId: textOf(other, 'id'),
      subject: 'victim',
    });
    const trail = await this.send({ method: 'GET', path: `${path}/audit/events?limit=1`, token });
    const {
      personToken = '',
      serviceToken = '',
      ...rarer
    } = await this.#rarer(needed, { path, slug, token });
    return {
      id,
      slug,
      token,
      personToken,
      serviceToken,
      issuer,
      adminId: textOf(member, 'id'),
      ids: {
        tenant: id,
        issuer: textOf(other, 'id'),
        member: textOf(victim, 'id'),
        event: String(itemsOf(trail)[0]?.['id']),
        kid: this.key.kid,
        preset: 'keycloak',
        slug,
        // What everybody sees alike.
        permission: 'tenant:read',
        version: '1',
        ...rarer,
      },
    };
  }

  /** Two that nothing is sent to, and of one of them what it did not take. */
  async #sinks(path: string, token: string): Promise<Readonly<Record<string, string>>> {
    const sinks = `${path}/audit/sinks`;
    const [sink = ''] = [await this.#sink(sinks, token), await this.#sink(sinks, token)];
    const letters = [newId(), newId()];
    await this.superuser.query(
      `insert into audit_dead_letters
         (tenant_id, id, sink_id, message_id, from_sequence, to_sequence, attempts, reason)
       select $1, id, $2, 'events_x_2', 1, 2, 11, 'http_500' from unnest($3::uuid[]) id`,
      [path.split('/').at(-1), sink, letters],
    );
    return { sink, letter: letters[1] ?? '' };
  }

  async #sink(sinks: string, token: string): Promise<string> {
    const body = { name: 'Logs', url: 'http://127.0.0.1:9/' };
    const sink = textOf(await this.send({ method: 'POST', path: sinks, token, body }), 'id');
    const path = `${sinks}/${sink}`;
    const headers = { 'if-match': '*' };
    await this.send({ method: 'PATCH', path, token, headers, body: { status: 'disabled' } });
    return sink;
  }

  /** What costs more to make than most specs of one route need. */
  async #rarer(
    needed: readonly string[],
    { path, slug, token }: Pick<FilledTenant, 'slug' | 'token'> & { readonly path: string },
  ): Promise<Readonly<Record<string, string>>> {
    const post = async (part: string, body: object, key = 'id'): Promise<string> =>
      textOf(await this.send({ method: 'POST', path: path + part, token, body }), key);
    const made: Record<string, string> = {};
    if (needed.includes('platformIssuer')) {
      const realm = await this.admin('POST', '/v1/platform/issuers?wait=first-validation', {
        ...this.registration(`https://realm.${slug}.example`),
        tenantClaim: 'organization',
      });
      made['platformIssuer'] = textOf(realm, 'id');
    }
    if (needed.includes('role')) {
      made['role'] = await post(
        '/roles',
        { name: `auditor-${slug}`, permissions: ['audit:read'] },
        'name',
      );
    }
    if (needed.includes('account')) {
      made['account'] = await post('/service-accounts', {
        name: `Robot of ${slug}`,
        roles: ['viewer'],
      });
      made['apiKey'] = await post(`/service-accounts/${made['account']}/keys`, { name: 'ci' });
    }
    if (needed.includes('invitation')) {
      made['invitation'] = await post('/invitations', {
        email: `guest@${slug}.example`,
        roles: ['viewer'],
      });
    }
    if (needed.includes('breakGlass')) {
      const body = { reason: 'The matrix wants to see a window.', minutes: 1 };
      made['breakGlass'] = textOf(await this.admin('POST', `${path}/break-glass`, body), 'id');
    }
    if (needed.includes('admin')) {
      const body = { name: `Engine of ${slug}`, roles: ['engine'] };
      made['admin'] = textOf(await this.admin('POST', '/v1/platform/admins', body), 'id');
    }
    if (needed.includes('session')) {
      const email = `ada@${slug}.example`;
      const password = 'seven quiet otters at dawn';
      await post('/invitations', { email, roles: ['viewer'] });
      const raw = { token: this.api.mail.secretFor(email), password, displayName: 'Ada' };
      await this.send({ method: 'POST', path: '/v1/invitations/accept', body: raw });
      const login = { email, password, tenant: slug };
      const personToken = textOf(
        await this.send({ method: 'POST', path: '/v1/login', body: login }),
        'accessToken',
      );
      // Another one to be ended, so that the token goes on being good.
      await this.send({ method: 'POST', path: '/v1/login', body: login });
      const sessions = await this.send({
        method: 'GET',
        path: '/v1/account/sessions',
        token: personToken,
      });
      const other = itemsOf(sessions).find(({ current }) => current === false);
      Object.assign(made, { personToken, session: String(other?.['id']) });
    }
    if (needed.includes('secret')) {
      made['engine'] = await this.#sharedEngine();
      made['secret'] = `erp.${slug}`;
      await this.saveSecret(path, made['secret'], token);
      // No second admin: what guards the last one is to be met.
      const role = `revealer-${slug}`;
      await post('/roles', { name: role, permissions: ['secrets:reveal'] }, 'name');
      const account = { name: `Vault of ${slug}`, roles: [role] };
      const body = { method: 'POST', path: `${path}/service-accounts`, token, body: account };
      const { clientId, clientSecret } = (await this.send(body)).json as Readonly<
        Record<string, string>
      >;
      const form = { grant_type: 'client_credentials', client_id: clientId ?? '' };
      const raw = new URLSearchParams({ ...form, client_secret: clientSecret ?? '' });
      const granted = await this.send({ method: 'POST', path: '/oauth/token', raw });
      made['serviceToken'] = textOf(granted, 'access_token');
    }
    if (needed.includes('requestId')) {
      // Of a refusal, which leaves a receipt.
      const refused = await this.send({ method: 'GET', path: '/v1/platform/vault', token });
      made['requestId'] = String(refused.headers['x-request-id']);
    }
    if (needed.includes('sink') || needed.includes('letter')) {
      Object.assign(made, await this.#sinks(path, token));
    }
    if (needed.includes('kind')) {
      made['kind'] = `requests-${slug}`;
      // Lists are read page by page: there must be more than one.
      for (const kind of [made['kind'], 'builds']) await this.setQuota(path, kind, token);
    }
    if (needed.includes('lease')) {
      const lease = { kind: 'sandboxes', ttlSeconds: 3_600 };
      await post('/quotas/leases', lease);
      made['lease'] = await post('/quotas/leases', lease);
    }
    if (needed.includes('plan')) {
      // One that nobody is on, so that it can be removed.
      const plan = { slug, displayName: slug, limits: [] };
      made['plan'] = textOf(await this.admin('POST', '/v1/plans', plan), 'id');
    }
    if (needed.includes('usage')) {
      const used = { id: slug, value: 1, at: new Date().toISOString() };
      // Lists are read page by page: there must be more than one. A meter shows whose it is.
      const events = [
        { ...used, meter: slug },
        { ...used, id: `other-${slug}`, meter: 'sessions', resource: slug, actor: slug },
      ];
      await this.send({ method: 'POST', path: `${path}/usage/events`, token, body: { events } });
    }
    return made;
  }

  async setQuota(path: string, kind: string, token: string): Promise<void> {
    // The first that is spent crosses a threshold.
    const body = { windows: [{ period: 'day', limit: 100 }], thresholds: [1] };
    await this.send({ method: 'PUT', path: `${path}/quotas/${kind}`, token, body });
  }

  /** The engine that every tenant knows. */
  async #sharedEngine(): Promise<string> {
    const body = { name: 'The engine of all', roles: ['engine'] };
    this.#engine ??= this.admin('POST', '/v1/platform/admins', body).then((made) =>
      textOf(made, 'id'),
    );
    return this.#engine;
  }

  /** A secret with an older version or two. */
  async saveSecret(path: string, name: string, token: string): Promise<void> {
    for (const value of ['first', 'second', 'third']) {
      const body = { value, labels: { of: name } };
      await this.send({ method: 'PUT', path: `${path}/secrets/${name}`, token, body });
    }
  }

  /** A token of a new service account of the platform. */
  async platformToken(roles: readonly string[]): Promise<string> {
    const [clientId, secret] = [`client-${newId()}`, newId()];
    const hash = createHmac('sha256', this.api.app.get(MasterKey).derive('client-secrets'))
      .update(secret)
      .digest();
    await this.superuser.query(
      `insert into platform_service_accounts (id, name, client_id, secret_hash, roles)
       values ($1, $2, $2, $3, $4)`,
      [newId(), clientId, hash, roles],
    );
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
    const raw = new URLSearchParams(form);
    return textOf(await this.send({ method: 'POST', path: '/oauth/token', raw }), 'access_token');
  }

  /** Has a tenant trust an issuer whose keys need no fetching; answers the registration's id. */
  async trust(tenantId: string, issuer: string, given: object = {}): Promise<string> {
    const answer = await this.admin(
      'POST',
      `/v1/tenants/${tenantId}/issuers?wait=first-validation`,
      { ...this.registration(issuer), ...given },
    );
    return textOf(answer, 'id');
  }

  /** The body of a registration with the keys of this world. */
  registration(issuer: string): object {
    return { issuer, audiences: [AUDIENCE], keys: { jwks: { keys: [this.key.publicJwk] } } };
  }

  /** A token of any issuer that this world's key signs for. */
  token(issuer: string, claims: Readonly<Record<string, unknown>>): string {
    const { kid, algorithm: alg, privateKey: key } = this.key;
    const iat = Math.floor(Date.now() / 1_000);
    const payload = { iss: issuer, aud: AUDIENCE, iat, exp: iat + TOKEN_LIFE_SECONDS, ...claims };
    return craftToken({ header: { alg, kid, typ: 'JWT' }, payload, key });
  }

  /** The request that the route is made for, with these ids in its path and its body. */
  requestOf(route: AppRoute, ids: Ids, token: string): Request {
    const { body } = sampleOf(route);
    return {
      method: route.method,
      path: pathOf(route, ids),
      token,
      ...(body ? { body: body(ids, this.mark()) } : {}),
      ...(/^(?:PATCH|PUT|DELETE)$/.test(route.method) ? { headers: { 'if-match': '*' } } : {}),
    };
  }

  /** A token of whom the route is meant for: the tenant's own admin, or the platform's. */
  rightfulToken({ access, path }: AppRoute, tenant: FilledTenant): string {
    // Of a tenant's own issuers the platform approves; a guest's has specs of its own.
    if (path.endsWith('/approve')) return this.api.adminToken;
    return access.kind === 'platform' ? this.api.adminToken : this.tokenIn(tenant, path);
  }

  /** A token of somebody of the tenant who may call such a route there. */
  tokenIn(tenant: FilledTenant, path: string): string {
    if (OF_A_PERSON.test(path)) return tenant.personToken;
    if (OF_A_SERVICE.test(path)) return tenant.serviceToken;
    return tenant.token;
  }
}
