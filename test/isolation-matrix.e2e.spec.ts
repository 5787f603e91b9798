import { isDeepStrictEqual } from 'node:util';

import { afterAll, afterEach, describe, expect, it, jest } from '@jest/globals';

import { Decisions } from '@tenantry/audit';
import { newId } from '@tenantry/kernel';
import { UsageMeter } from '@tenantry/usage';
import { eventually } from './eventually.js';
import { Probes } from './matrix-probes.js';
import { type FilledTenant, MatrixWorld } from './matrix-world.js';
import { sampleOf, staleSamples } from './route-samples.js';
import { type AppRoute, servedRoutes } from './route-table.js';
import { type Answer, type Request, textOf } from './send.js';

// Known only once the application runs, and each route is to be a test of its own.
const world = await MatrixWorld.start();
// What Tenantry meters of its own requests is written while the matrix looks at what is written.
jest.spyOn(world.api.app.get(UsageMeter, { strict: false }), 'count').mockReturnValue();
// As are the receipts of what it refuses: those of the victim's own requests are there by then.
const decisions = world.api.app.get(Decisions, { strict: false });
const { acme, globex, guarded, routes, keysOfGlobex, until, probes, checks } =
  await prepare().catch(async (error: unknown) => {
    // Jest calls no `afterAll` of a file that it could not read.
    await world.close();
    throw error;
  });
// A threshold is told in its own time.
await eventually(
  () =>
    world.superuser.query('select from quota_thresholds where tenant_id = $1', [
      globex.ids['tenant'],
    ]),
  (told) => told.length > 0,
);
jest.spyOn(decisions, 'noteRefusal').mockReturnValue();
// As if an operator had every trail written.
await world.superuser.query(
  'insert into audit_stream_cursors (tenant_id, is_due) values ($1, false)',
  [globex.id],
);
// Nothing is sent to sinks while the matrix looks at what is written.
await world.superuser.query(`update audit_sinks set status = 'disabled', due_at = null`);
// All is signed, so that nothing is signed meanwhile.
await world.admin('POST', `/v1/tenants/${globex.id}/audit/checkpoints`);
const globexBefore = await snapshot();

const REQUEST_ID = 'the-matrix-asks';
const LOOK_AFTER = 8;

async function prepare() {
  const routes = world.routes();
  const guarded = routes.filter(({ access }) => access.kind !== 'public');
  const [acme, filled] = [await world.fillTenant(), await world.fillTenant()];
  const keysOfGlobex = await useIdempotencyKeys(guarded, filled);
  const globex = await withKeysAgain(filled);
  await withSecretsAgain(globex);
  await haveIssuersChecked(globex);
  await haveTrailsSigned(globex);
  const [{ until } = { until: '' }] = await world.superuser.query<{ until: string }>(
    'select clock_timestamp()::text as until',
  );
  const probes = new Probes(world, {
    stranger: acme,
    victim: globex,
    keyOf: ({ key }) => keysOfGlobex.get(key)?.idempotencyKey,
  });
  const checks = (await Promise.all(guarded.map((route) => probes.checksOf(route)))).flat();
  return { acme, globex, guarded, routes, keysOfGlobex, until, probes, checks };
}

/** Has a tenant use an idempotency key on each of its `POST` routes. */
async function useIdempotencyKeys(
  guarded: readonly AppRoute[],
  tenant: FilledTenant,
): Promise<ReadonlyMap<string, { readonly idempotencyKey: string; readonly answer: Answer }>> {
  // What takes things away comes last, and last of all what may close the tenant to its own admin.
  const order = ({ access, path }: AppRoute): number =>
    access.kind === 'platform' ? 2 : /\/(?:shred|destroy)$/.test(path) ? 1 : 0;
  const posts = guarded
    .filter(({ method, parameters }) => method === 'POST' && parameters.includes('tenant'))
    .toSorted((one, other) => order(one) - order(other));
  const used = new Map<string, { idempotencyKey: string; answer: Answer }>();
  for (const route of posts) {
    const idempotencyKey = newId();
    const request = world.requestOf(route, tenant.ids, world.rightfulToken(route, tenant));
    const headers = { 'idempotency-key': idempotencyKey };
    used.set(route.key, { idempotencyKey, answer: await world.send({ ...request, headers }) });
  }
  return used;
}

/** The suspension of their account has ended the keys that there were. */
async function withKeysAgain(tenant: FilledTenant): Promise<FilledTenant> {
  const { ids, token } = tenant;
  const path = `/v1/tenants/${ids['tenant'] ?? ''}/service-accounts/${ids['account'] ?? ''}/keys`;
  const post = (name: string): Promise<Answer> =>
    world.send({ method: 'POST', path, token, body: { name } });
  await post('one');
  return { ...tenant, ids: { ...ids, apiKey: textOf(await post('two'), 'id') } };
}

/** What was shredded is gone; and a sealed vault is one that a stranger must not unseal. */
async function withSecretsAgain({ ids, token }: FilledTenant): Promise<void> {
  const path = `/v1/tenants/${ids['tenant'] ?? ''}`;
  const { slug = '', secret = '' } = ids;
  await world.saveSecret(path, secret, token);
  // Certificates are read page by page too: there must be more than one.
  const shred = { method: 'POST', path: `${path}/vault/shred`, token, body: { confirm: slug } };
  await world.send(shred);
  await world.saveSecret(path, secret, token);
  await world.saveSecret(path, `other.${slug}`, token);
  const body = [{ serviceAccount: ids['engine'] ?? '', namePrefix: 'erp.' }];
  await world.send({ method: 'PUT', path: `${path}/secrets/consents`, token, body });
  await world.send({ method: 'POST', path: `${path}/secrets/seal`, token });
}

/** As are lists of checkpoints. */
async function haveTrailsSigned({ id }: FilledTenant): Promise<void> {
  for (const audit of [`/v1/tenants/${id}/audit`, '/v1/platform/audit']) {
    for (const days of [400, 500]) {
      await world.admin('PUT', `${audit}/retention`, { days });
      await world.admin('POST', `${audit}/checkpoints`);
    }
  }
}

/** Lists of verdicts are read page by page too: there must be more than one. */
async function haveIssuersChecked({ ids }: FilledTenant): Promise<void> {
  const { tenant = '', issuer = '', platformIssuer = '' } = ids;
  for (const path of [
    `/v1/tenants/${tenant}/issuers/${issuer}`,
    `/v1/platform/issuers/${platformIssuer}`,
  ]) {
    await world.admin('POST', `${path}/recheck`);
    await world.admin('POST', `${path}/recheck`);
  }
}

/** Everything of Globex, and every idempotency key from before the first probe. */
async function snapshot(): Promise<Readonly<Record<string, unknown>>> {
  const idempotencyKeys = await world.superuser.query(
    `select to_jsonb(t) as row from idempotency_keys t where created_at < $1::timestamptz
     order by key`,
    [until],
  );
  return { ...(await world.superuser.rowsOf(globex.id)), idempotencyKeys };
}

function ask({ headers, ...request }: Request): Promise<Answer> {
  return world.send({ ...request, headers: { ...headers, 'x-request-id': REQUEST_ID } });
}

function withoutDate({ headers, ...answer }: Answer): object {
  return { ...answer, headers: { ...headers, date: '' } };
}

describe('the isolation matrix', () => {
  /** The tests since the victim was looked at. */
  let unseen: (string | undefined)[] = [];

  async function assertUntouched(): Promise<void> {
    const since = unseen;
    unseen = [];
    const now = await snapshot();
    // Jest tells what differs; whether anything does, Node tells much sooner.
    if (!isDeepStrictEqual(now, globexBefore)) {
      expect({ since, now }).toEqual({ since, now: globexBefore });
    }
  }

  afterEach(async () => {
    unseen.push(expect.getState().currentTestName);
    // To look after each of them costs more than all of them together.
    if (unseen.length === LOOK_AFTER) await assertUntouched();
  });
  afterAll(async () => {
    try {
      await assertUntouched();
    } finally {
      await world.close();
    }
  });

  it('covers every route that is served', () => {
    const served = servedRoutes(world.api).filter((route) => !route.startsWith('HEAD '));

    expect(served.toSorted()).toEqual(routes.map(({ key }) => key).toSorted());
    expect(staleSamples(routes)).toEqual([]);
  });

  it('leaves these routes alone, which anyone may call', () => {
    const open = routes.filter(({ access }) => access.kind === 'public').map(({ key }) => key);

    expect(open.toSorted()).toEqual([
      'GET /.well-known/jwks.json',
      'GET /.well-known/oauth-authorization-server',
      'GET /healthz',
      'GET /openapi.json',
      'GET /readyz',
      'GET /v1/audit/keys',
      'GET /v1/signin/oidc/callback/:registration',
      'GET /v1/signin/oidc/start',
      'POST /oauth/introspect',
      'POST /oauth/revoke',
      'POST /oauth/token',
      'POST /v1/invitations/accept',
      'POST /v1/login',
      'POST /v1/password/reset',
      'POST /v1/password/reset-request',
    ]);
  });

  it('has something of the victim in every table of tenants', () => {
    const empty = Object.entries(globexBefore).filter(([, rows]) => rows === null);

    expect(empty.map(([table]) => table)).toEqual([]);
  });

  it('has the victim use an idempotency key with success on every POST of its own', () => {
    const own = guarded.filter((route) => sampleOf(route).succeedsIn === undefined);
    const statuses = own.flatMap(({ key }) => {
      const used = keysOfGlobex.get(key);
      return used ? [[key, used.answer.status]] : [];
    });

    expect(statuses.filter(([, status]) => ![200, 201, 202].includes(Number(status)))).toEqual([]);
  });

  it.each(
    guarded.filter(
      (route) =>
        route.method === 'GET' &&
        route.access.kind !== 'platform' &&
        sampleOf(route).succeedsIn === undefined,
    ),
  )('$key answers whom it is meant for', async (route) => {
    const token = world.rightfulToken(route, globex);

    const answer = await ask(world.requestOf(route, globex.ids, token));

    expect(answer.status).toBe(200);
    expect(Object.values(globex.ids).filter((id) => answer.text.includes(id))).not.toEqual([]);
  });

  it.each(guarded)('$key refuses whoever shows no token', async (route) => {
    const { method, path } = world.requestOf(route, globex.ids, globex.token);

    const answer = await ask({ method, path });

    expect(answer).toMatchObject({ status: 401, json: { code: 'access.token_missing' } });
  });

  it.each(guarded.filter(({ access }) => access.kind === 'platform'))(
    '$key refuses a tenant’s own admin',
    async (route) => {
      const answer = await ask(world.requestOf(route, acme.ids, acme.token));

      expect(answer).toMatchObject({ status: 403, json: { code: 'access.permission_missing' } });
    },
  );

  it.each(checks)('$title is refused as what never was', async ({ probes, status, code }) => {
    for (const { foreign, unknown } of probes) {
      const answer = await ask(foreign);
      const told = await ask(unknown);

      expect(status).toContain(answer.status);
      if (foreign.method !== 'HEAD')
        expect(answer.json).toMatchObject({ code: expect.stringMatching(code) });
      expect(withoutDate(answer)).toEqual(withoutDate(told));
    }
  });

  it.each(
    guarded.filter(
      ({ access, freeQueryFields, isPaged }) =>
        access.kind === 'tenant' && freeQueryFields.length > 0 && isPaged,
    ),
  )('$key finds nothing of another tenant by any filter', async (route) => {
    for (const { foreign, unknown } of probes.filtersOf(route)) {
      const answer = await ask(foreign);

      expect(answer).toMatchObject({ status: 200, json: { items: [], nextCursor: null } });
      expect(withoutDate(answer)).toEqual(withoutDate(await ask(unknown)));
    }
  });
});
