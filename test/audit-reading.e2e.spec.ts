import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId, PLATFORM_ID } from '@tenantry/kernel';
import { type FilledTenant, MatrixWorld } from './matrix-world.js';
import { sampleOf } from './route-samples.js';
import { type AppRoute, declaredRoutes } from './route-table.js';
import { type Answer, itemsOf, textOf } from './send.js';

/** What each route that changes something is on record as. A new route joins by existing. */
const DEEDS: Readonly<Record<string, string>> = {
  'POST /v1/tenants': 'tenant.created',
  'PATCH /v1/tenants/:tenant': 'tenant.changed',
  'POST /v1/tenants/:tenant/suspend': 'tenant.suspended',
  'POST /v1/tenants/:tenant/resume': 'tenant.resumed',
  'DELETE /v1/tenants/:tenant': 'tenant.termination_begun',
  'POST /v1/tenants/:tenant/issuers': 'issuer.registered',
  'PATCH /v1/tenants/:tenant/issuers/:issuer': 'issuer.changed',
  'DELETE /v1/tenants/:tenant/issuers/:issuer': 'issuer.removed',
  'POST /v1/tenants/:tenant/issuers/:issuer/recheck': 'issuer.rechecked',
  'POST /v1/tenants/:tenant/issuers/:issuer/disable': 'issuer.disabled',
  'POST /v1/tenants/:tenant/issuers/:issuer/enable': 'issuer.enabled',
  'POST /v1/tenants/:tenant/issuers/:issuer/approve': 'issuer.approved',
  'POST /v1/tenants/:tenant/issuers/:issuer/prove': 'issuer.proven',
  'POST /v1/tenants/:tenant/issuers/:issuer/keys/:kid/distrust': 'issuer.key_distrusted',
  'POST /v1/tenants/:tenant/issuers/:issuer/keys/:kid/trust': 'issuer.key_trusted',
  'POST /v1/platform/issuers': 'issuer.registered',
  'PATCH /v1/platform/issuers/:platformIssuer': 'issuer.changed',
  'DELETE /v1/platform/issuers/:platformIssuer': 'issuer.removed',
  'POST /v1/platform/issuers/:platformIssuer/recheck': 'issuer.rechecked',
  'POST /v1/platform/issuers/:platformIssuer/disable': 'issuer.disabled',
  'POST /v1/platform/issuers/:platformIssuer/enable': 'issuer.enabled',
  'POST /v1/platform/issuers/:platformIssuer/keys/:kid/distrust': 'issuer.key_distrusted',
  'POST /v1/platform/issuers/:platformIssuer/keys/:kid/trust': 'issuer.key_trusted',
  'POST /v1/tenants/:tenant/members': 'member.added',
  'PATCH /v1/tenants/:tenant/members/:member': 'member.changed',
  'DELETE /v1/tenants/:tenant/members/:member': 'member.removed',
  'POST /v1/tenants/:tenant/members/:member/suspend': 'member.suspended',
  'POST /v1/tenants/:tenant/members/:member/reactivate': 'member.reactivated',
  'POST /v1/tenants/:tenant/roles': 'role.created',
  'PATCH /v1/tenants/:tenant/roles/:role': 'role.changed',
  'DELETE /v1/tenants/:tenant/roles/:role': 'role.removed',
  'PUT /v1/platform/permissions': 'permissions.registered',
  'POST /v1/tenants/:tenant/break-glass': 'break_glass.opened',
  'POST /v1/tenants/:tenant/break-glass/:breakGlass/close': 'break_glass.closed',
  'POST /v1/tenants/:tenant/invitations': 'invitation.created',
  'POST /v1/tenants/:tenant/invitations/:invitation/resend': 'invitation.resent',
  'DELETE /v1/tenants/:tenant/invitations/:invitation': 'invitation.withdrawn',
  'POST /v1/tenants/:tenant/service-accounts': 'service_account.created',
  'PATCH /v1/tenants/:tenant/service-accounts/:account': 'service_account.changed',
  'DELETE /v1/tenants/:tenant/service-accounts/:account': 'service_account.removed',
  'POST /v1/tenants/:tenant/service-accounts/:account/rotate': 'service_account.rotated',
  'POST /v1/tenants/:tenant/service-accounts/:account/suspend': 'service_account.suspended',
  'POST /v1/tenants/:tenant/service-accounts/:account/reactivate': 'service_account.reactivated',
  'POST /v1/tenants/:tenant/service-accounts/:account/keys': 'api_key.created',
  'DELETE /v1/tenants/:tenant/service-accounts/:account/keys/:apiKey': 'api_key.revoked',
  'POST /v1/platform/admins': 'platform_admin.created',
  'PATCH /v1/platform/admins/:admin': 'platform_admin.changed',
  'POST /v1/platform/admins/:admin/suspend': 'platform_admin.suspended',
  'POST /v1/platform/admins/:admin/reactivate': 'platform_admin.reactivated',
  'POST /v1/platform/admins/:admin/rotate': 'platform_admin.secret_rotated',
  'DELETE /v1/platform/admins/:admin': 'platform_admin.removed',
  'PUT /v1/tenants/:tenant/secrets/:secret': 'secret.saved',
  'PATCH /v1/tenants/:tenant/secrets/:secret': 'secret.changed',
  'DELETE /v1/tenants/:tenant/secrets/:secret': 'secret.deleted',
  'POST /v1/tenants/:tenant/secrets/:secret/versions/:version/destroy': 'secret.version_destroyed',
  'POST /v1/tenants/:tenant/secrets/:secret/rollback': 'secret.rolled_back',
  'POST /v1/tenants/:tenant/secrets/reveal': 'secret.revealed',
  'PUT /v1/tenants/:tenant/secrets/consents': 'secret.consents_changed',
  'POST /v1/tenants/:tenant/secrets/rewrap': 'vault.rewrap_begun',
  'POST /v1/tenants/:tenant/secrets/seal': 'vault.sealed',
  'POST /v1/tenants/:tenant/secrets/unseal': 'vault.unsealed',
  'POST /v1/tenants/:tenant/vault/shred': 'vault.shredded',
  'PUT /v1/tenants/:tenant/quotas/:kind': 'quota.set',
  'DELETE /v1/tenants/:tenant/quotas/:kind': 'quota.removed',
  'POST /v1/plans': 'plan.created',
  'PUT /v1/plans/:plan': 'plan.changed',
  'DELETE /v1/plans/:plan': 'plan.deleted',
  'PUT /v1/tenants/:tenant/audit/retention': 'audit.retention_changed',
  'POST /v1/tenants/:tenant/audit/erasures': 'audit.person_erased',
  'POST /v1/tenants/:tenant/audit/sinks': 'audit_sink.created',
  'PATCH /v1/tenants/:tenant/audit/sinks/:sink': 'audit_sink.changed',
  'DELETE /v1/tenants/:tenant/audit/sinks/:sink': 'audit_sink.removed',
  'POST /v1/tenants/:tenant/audit/sinks/:sink/rotate': 'audit_sink.rotated',
  'POST /v1/tenants/:tenant/audit/sinks/:sink/test': 'audit_sink.tested',
  'PUT /v1/platform/audit/retention': 'audit.retention_changed',
  'POST /v1/platform/audit/erasures': 'audit.person_erased',
  'POST /v1/platform/vault/rotate': 'vault.rotation_begun',
  'POST /v1/logout': 'session.ended',
  'POST /v1/password/change': 'password.changed',
  'DELETE /v1/account/sessions/:session': 'session.ended',
  'POST /v1/account/second-factor': 'second_factor.proposed',
};

/** What people do with their own account stands on the trail of the tenant that they are in. */
const OF_A_SESSION = /^\/v1\/(?:account|password|logout)/;

/** Nothing is done to a vault in which nothing is. */
const OF_A_VAULT = /\/(?:secrets|vault)\b/;

/** What leaves no record: it changes nothing, or is done too often to be told one by one. */
const UNRECORDED: readonly string[] = [
  'POST /v1/tenants/:tenant/usage/events',
  'POST /v1/tenants/:tenant/quotas/consume',
  'POST /v1/tenants/:tenant/quotas/refund',
  'POST /v1/tenants/:tenant/quotas/leases',
  'PUT /v1/tenants/:tenant/quotas/leases/:lease',
  'DELETE /v1/tenants/:tenant/quotas/leases/:lease',
  'POST /v1/tenants/:tenant/issuers/diagnose',
  'POST /v1/platform/issuers/diagnose',
  'POST /v1/tenants/:tenant/audit/checkpoints',
  'POST /v1/platform/audit/checkpoints',
];

// The routes are known only once the application runs, and each is to be a test of its own.
const world = await MatrixWorld.start();
const routes = declaredRoutes(world.api);
const asking = routes.filter(({ method, access }) => method !== 'GET' && access.kind !== 'public');
const changing = asking.filter(
  (route) => !UNRECORDED.includes(route.key) && sampleOf(route).succeedsIn === undefined,
);
const unrecorded = asking.filter(({ key }) => UNRECORDED.includes(key));

afterAll(() => world.close());

describe('what changes something is on record', () => {
  const call = (route: AppRoute, tenant: FilledTenant, requestId: string): Promise<Answer> => {
    const request = world.requestOf(route, tenant.ids, world.rightfulToken(route, tenant));
    return world.send({ ...request, headers: { ...request.headers, 'x-request-id': requestId } });
  };
  const recordsOf = (requestId: string): Promise<Readonly<Record<string, unknown>>[]> =>
    world.superuser.query(
      `select record ->> 'deed' as deed, record ->> 'outcome' as outcome, tenant_id::text as trail,
              record ->> 'tenantId' as tenant
       from audit_records where record ->> 'requestId' = $1 order by sequence`,
      [requestId],
    );

  it.each(changing)('$key', async (route) => {
    const deed = DEEDS[route.key];
    if (!deed) throw new Error(`Say in DEEDS of this spec as what ${route.key} is on record.`);
    const tenant = await world.fillTenant(needsOf(route));
    for (const key of sampleOf(route).after ?? []) {
      const first = routes.find((one) => one.key === key);
      if (!first) throw new Error(`There is no route ${key} to call before ${route.key}.`);
      expect([200, 201, 204]).toContain((await call(first, tenant, newId())).status);
    }
    const requestId = newId();

    const answer = await call(route, tenant, requestId);

    expect([200, 201, 202, 204]).toContain(answer.status);
    expect(await recordsOf(requestId)).toEqual([
      { deed, outcome: 'done', ...whereIsOnRecord(route, tenant, answer) },
    ]);
  });

  it.each(unrecorded)('$key is not', async (route) => {
    const tenant = await world.fillTenant(needsOf(route));
    const requestId = newId();

    const answer = await call(route, tenant, requestId);

    expect([200, 201, 202, 204]).toContain(answer.status);
    expect(await recordsOf(requestId)).toEqual([]);
  });

  it('without gaps, however many are done at once', async () => {
    const tenant = await world.createTenant();
    const path = `/v1/tenants/${tenant.id}`;

    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        n % 2 === 0
          ? world.admin('PATCH', path, { displayName: `Name ${String(n)}` })
          : world.admin('POST', `${path}/members`, { email: `m${String(n)}@x.example`, roles: [] }),
      ),
    );

    expect(answers.map(({ status }) => status).filter((status) => status >= 400)).toEqual([]);
    const events = itemsOf(await world.admin('GET', `${path}/audit/events`));
    expect(events.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 21 }, (_, n) => 21 - n),
    );
  });

  it('under no deed of a route that is gone', () => {
    const keys = changing.map(({ key }) => key);

    expect(Object.keys(DEEDS).filter((key) => !keys.includes(key))).toEqual([]);
  });
});

/** What a tenant must have for a route, beside the common things. */
function needsOf({ parameters, path }: AppRoute): string[] {
  return [
    ...parameters,
    ...(OF_A_SESSION.test(path) ? ['session'] : []),
    ...(OF_A_VAULT.test(path) ? ['secret'] : []),
  ];
}

/** On whose trail a deed stands, and which tenant the record names. */
function whereIsOnRecord(
  { path, parameters }: AppRoute,
  { id }: FilledTenant,
  answer: Answer,
): { readonly trail: string; readonly tenant: string | null } {
  if (/^\/v1\/(?:platform|plans)\b/.test(path)) return { trail: PLATFORM_ID, tenant: null };
  const isOwn = parameters.includes('tenant') || OF_A_SESSION.test(path);
  const tenant = isOwn ? id : textOf(answer, 'id');
  return { trail: tenant, tenant };
}

describe('reading a trail', () => {
  let acme: FilledTenant;
  let globex: FilledTenant;

  beforeAll(async () => {
    [acme, globex] = [await world.fillTenant([]), await world.fillTenant([])];
    for (const verb of ['disable', 'enable', 'recheck']) {
      await world.send({
        method: 'POST',
        path: `/v1/tenants/${acme.id}/issuers/${String(acme.ids['issuer'])}/${verb}`,
        token: acme.token,
      });
    }
    await read('/v1/tenants');
  });

  const read = (path: string): Promise<Answer> =>
    world.send({ method: 'GET', path, token: acme.token });
  const list = (query = ''): Promise<Answer> =>
    read(`/v1/tenants/${acme.id}/audit/events?${query}`);
  const deeds = async (query: string): Promise<unknown[]> =>
    itemsOf(await list(query)).map(({ deed }) => deed);

  it('gives the newest first', async () => {
    expect(await deeds('')).toEqual([
      'access.refused',
      'issuer.rechecked',
      'issuer.enabled',
      'issuer.disabled',
      'member.added',
      'issuer.registered',
      'member.added',
      'issuer.key_appeared',
      'issuer.health_changed',
      'issuer.registered',
      'tenant.created',
    ]);
  });

  it('is narrowed by deed, actor, target and outcome', async () => {
    const target = String(acme.ids['issuer']);

    expect(await deeds('deed=tenant.created')).toEqual(['tenant.created']);
    expect(await deeds(`target=${target}`)).toEqual([
      'issuer.rechecked',
      'issuer.enabled',
      'issuer.disabled',
      'issuer.registered',
    ]);
    expect(await deeds(`actor=${acme.adminId}&outcome=refused`)).toEqual(['access.refused']);
    expect(await deeds(`actor=${acme.adminId}&target=${acme.id}`)).toEqual([]);
    expect(await deeds('outcome=failed')).toEqual([]);
  });

  it('is narrowed in time: from a moment on, and before a moment', async () => {
    const [newest, second] = itemsOf(await list());
    const [from, until] = [newest?.['at'], second?.['at']].map(String);

    expect(await deeds(`from=${String(from)}`)).toEqual(['access.refused']);
    expect(await deeds(`to=${String(until)}`)).not.toContain('issuer.rechecked');
    expect(await deeds(`to=${String(until)}`)).toContain('tenant.created');
  });

  it.each(['outcome=perhaps', 'from=yesterday', 'limit=0', 'colour=red'])(
    'refuses ?%s',
    async (query) => {
      expect(await list(query)).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
    },
  );

  it('goes page by page, each event once, while new ones are written', async () => {
    const whole = itemsOf(await list()).map(({ id }) => id);
    const seen: unknown[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: Answer = await list(`limit=4${cursor && `&cursor=${cursor}`}`);
      seen.push(...itemsOf(page).map(({ id }) => id));
      cursor = (page.json as { readonly nextCursor: string | null }).nextCursor;
      await read('/v1/tenants');
    }

    expect(seen).toEqual(whole);
  });

  it('gives one event by its id', async () => {
    const [event] = itemsOf(await list('deed=issuer.enabled'));

    const one = await read(`/v1/tenants/${acme.id}/audit/events/${String(event?.['id'])}`);

    expect(one).toMatchObject({ status: 200 });
    expect(one.json).toEqual(event);
  });

  it('finds no event of another tenant, nor one that is none', async () => {
    for (const id of [String(globex.ids['event']), newId(), 'nothing']) {
      expect(await read(`/v1/tenants/${acme.id}/audit/events/${id}`)).toMatchObject({
        status: 404,
        json: { code: 'audit.event_not_found' },
      });
    }
  });

  it('of the platform is for the platform', async () => {
    const events = await world.admin('GET', '/v1/platform/audit/events?deed=token.issued');

    expect(itemsOf(events)[0]).toMatchObject({ tenantId: null, deed: 'token.issued' });
    expect(await read('/v1/platform/audit/events')).toMatchObject({ status: 403 });
  });
});
