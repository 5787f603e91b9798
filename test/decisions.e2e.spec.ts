import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import type { IdentityProvider } from '@tenantry/testing';
import { ReceiptRetention } from '../libs/audit/src/decisions/receipt-retention.js';
import { type Answer, send, textOf } from './send.js';
import { SteppedClock } from './stepped-clock.js';
import { answeredWith, type Caller, type Trusting, World } from './world.js';

/** More than are kept of one actor in a minute. */
const FLOOD = 640;
const AT_ONCE = 40;
const NOBODY = '00000000-0000-0000-0000-000000000000';

interface Receipt {
  readonly outcome: string;
  readonly status: number;
  readonly code: string | null;
  readonly steps: readonly Readonly<Record<string, unknown>>[];
  readonly others: readonly unknown[];
}

describe('the receipt of a decision', () => {
  const clock = new SteppedClock();
  let world: World;
  let idp: IdentityProvider;
  let own: Trusting;
  let foreign: Trusting;
  let ada: Caller;
  let auditor: Caller;

  beforeAll(async () => {
    world = await World.start({ clock });
    idp = await world.idp();
    own = await world.trusting(idp, { roleMapping: [{ group: 'staff', role: 'operator' }] });
    const elsewhere = await world.idp();
    foreign = await world.trusting(elsewhere);
    ada = world.bearer(await idp.token({ subject: 'ada@acme.example', groups: ['staff', 'eu'] }));
    auditor = world.bearer(await elsewhere.token({ subject: 'bob' }));
  });
  afterAll(() => world.close());

  const at = (path: string, by: Caller, id: string, node = world): Promise<Answer> =>
    send(node.api.url, { method: 'GET', path, token: by.token, headers: { 'x-request-id': id } });
  const receiptOf = (answer: Answer): Receipt => answeredWith(200, answer) as Receipt;
  const inTenant = async (id: string, { tenant } = own, by = world.admin): Promise<Receipt> =>
    receiptOf(await by.get(`/v1/tenants/${tenant.id}/decisions/${id}`));
  const onPlatform = async (id: string): Promise<Receipt> =>
    receiptOf(await world.admin.get(`/v1/platform/decisions/${id}`));
  const wayOf = ({ steps }: Receipt): string =>
    steps
      .map(({ step, outcome }) => `${outcome === 'refused' ? '!' : ''}${String(step)}`)
      .join(' ');

  it('tells of a missing permission all that led to it, at once, to whoever reads the trail', async () => {
    const id = newId();
    const path = `/v1/tenants/${own.tenant.id}/issuers`;
    const refused = await at(path, ada, id);

    const receipt = await inTenant(id, own, ada);

    expect([refused.status, textOf(refused, 'code')]).toEqual([403, 'access.permission_missing']);
    expect(receipt).toEqual({
      requestId: id,
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      method: 'GET',
      route: '/v1/tenants/:tenant/issuers',
      outcome: 'refused',
      status: 403,
      code: 'access.permission_missing',
      others: [],
      steps: [
        { step: 'credential', outcome: 'passed', by: 'token' },
        {
          step: 'issuer',
          outcome: 'passed',
          issuer: idp.issuer,
          registration: own.issuer.id,
        },
        { step: 'key', outcome: 'passed', keyId: own.issuer.keyIds[0] },
        {
          step: 'claims',
          outcome: 'passed',
          claims: {
            names: { subject: 'sub', email: 'email', groups: 'groups', tenant: null },
            isEmailVerified: false,
            groups: ['staff', 'eu'],
            mappedRoles: [{ group: 'staff', role: 'operator' }],
            admission: 'anyone',
            admissionRoles: ['viewer'],
            resource: null,
            condition: null,
          },
        },
        {
          step: 'member',
          outcome: 'passed',
          kind: 'external',
          id: expect.any(String),
          isPlatform: false,
        },
        { step: 'roles', outcome: 'passed', roles: ['viewer', 'operator'], grants: [] },
        {
          step: 'tenant',
          outcome: 'passed',
          id: own.tenant.id,
          status: 'active',
          path: 'agrees',
          header: 'absent',
        },
        {
          step: 'permission',
          outcome: 'refused',
          code: 'access.permission_missing',
          needed: 'issuers:read',
          held: false,
        },
      ],
    });
    expect(JSON.stringify(receipt)).not.toContain('ada@');
  });

  it('is the caller’s own tenant’s where another was reached for, and nobody else’s', async () => {
    const id = newId();
    const reached = `/v1/tenants/${foreign.tenant.id}`;
    await at(reached, ada, id);

    const receipt = await inTenant(id);
    const elsewhere = await auditor.get(`${reached}/decisions/${id}`);
    const stranger = await auditor.get(`/v1/tenants/${own.tenant.id}/decisions/${id}`);
    const platform = await world.admin.get(`/v1/platform/decisions/${id}`);
    const byTenant = await ada.get(`/v1/platform/decisions/${id}`);

    expect(receipt.code).toBe('access.tenant_mismatch');
    expect(receipt.steps.at(-1)).toMatchObject({ step: 'tenant', path: 'differs' });
    expect(JSON.stringify(receipt)).not.toContain(foreign.tenant.id);
    expect([elsewhere.status, textOf(elsewhere, 'code')]).toEqual([404, 'decisions.not_found']);
    expect([stranger, platform, byTenant].map(({ status }) => status)).toEqual([403, 404, 403]);
  });

  it('is each of several requests with one id, the newest first', async () => {
    const id = newId();
    await at(`/v1/tenants/${own.tenant.id}/issuers`, ada, id);
    await at(`/v1/tenants/${NOBODY}`, ada, id);

    const receipt = await inTenant(id);

    expect(receipt.code).toBe('access.tenant_mismatch');
    expect(receipt.others).toMatchObject([{ requestId: id, code: 'access.permission_missing' }]);
  });

  describe('of somebody unknown', () => {
    it('is read by the platform, and says what a token only claims', async () => {
      const [id, expiredId] = [newId(), newId()];
      const stranger = await world.idp();
      const unknown = world.bearer(await stranger.token({ subject: 'eve@evil.example' }));
      const expired = world.bearer(await idp.token({ subject: 'ada', expiresInSeconds: -600 }));
      await at(`/v1/tenants/${own.tenant.id}`, unknown, id);
      await at(`/v1/tenants/${own.tenant.id}`, expired, expiredId);

      const [ofUnknown, ofExpired] = [await onPlatform(id), await onPlatform(expiredId)];
      const inOwn = await ada.get(`/v1/tenants/${own.tenant.id}/decisions/${id}`);

      expect(ofUnknown).toMatchObject({ status: 401, code: 'access.token_invalid' });
      expect(ofUnknown.steps).toEqual([
        { step: 'credential', outcome: 'passed', by: 'token' },
        {
          step: 'issuer',
          outcome: 'refused',
          code: 'access.token_invalid',
          fault: 'unknown_issuer',
          issuer: stranger.issuer,
          unverified: true,
        },
      ]);
      expect(wayOf(ofExpired)).toBe('credential issuer key !claims');
      expect(ofExpired.steps.at(-1)).toMatchObject({ fault: 'expired' });
      expect(inOwn.status).toBe(404);
    });

    it('is the tenant’s whose issuer vouches for a subject that is no member', async () => {
      const id = newId();
      const audience = `closed-${id}`;
      const closed = { audiences: [audience], admission: 'members', roles: [] };
      const trusting = await world.trusting(idp, closed);
      const nobody = world.bearer(await idp.token({ subject: 'zoe', audience }));
      await at('/v1/me', nobody, id);

      const receipt = await inTenant(id, trusting);

      expect([receipt.status, receipt.code]).toEqual([403, 'access.membership_missing']);
      expect(wayOf(receipt)).toBe('credential issuer key claims !member');
    });
  });

  it('tells that a tenant was closed, and which limit was spent', async () => {
    const [closedId, spentId] = [newId(), newId()];
    const audience = `closing-${closedId}`;
    const trusting = await world.trusting(idp, { audiences: [audience], roles: ['operator'] });
    const { id: tenant } = trusting.tenant;
    const eve = world.bearer(await idp.token({ subject: 'eve', audience }));
    await send(world.api.url, {
      method: 'PUT',
      path: `/v1/tenants/${tenant}/quotas/calls`,
      token: world.api.adminToken,
      body: { windows: [{ period: 'day', limit: 1 }] },
    });
    await send(world.api.url, {
      method: 'POST',
      path: `/v1/tenants/${tenant}/quotas/consume`,
      token: eve.token,
      headers: { 'x-request-id': spentId },
      body: { demands: [{ kind: 'calls', amount: 2 }] },
    });
    await world.admin.post(`/v1/tenants/${tenant}/suspend`, { reason: 'unpaid' });
    await at('/v1/me', eve, closedId);

    const spent = await inTenant(spentId, trusting);
    const closed = await inTenant(closedId, trusting);

    expect(wayOf(spent)).toBe('credential issuer key claims member roles tenant permission !quota');
    expect(spent.steps.at(-1)).toMatchObject({
      code: 'quotas.exhausted',
      limit: { kind: 'calls', name: 'day', quota: 1, remaining: 1 },
    });
    expect(wayOf(closed)).toBe('credential issuer key claims member roles !tenant');
    expect(closed.steps.at(-1)).toMatchObject({ code: 'tenants.suspended', status: 'suspended' });
  });

  it('is kept of what is let by only where all are, whatever the route answers then', async () => {
    const [id, missingId, refusedId] = [newId(), newId(), newId()];
    const node = await World.start({
      databaseUrl: world.api.databaseUrl,
      settings: { DECISION_RECEIPTS: 'all' },
    });
    const path = `/v1/tenants/${own.tenant.id}`;
    await at(path, ada, id);
    const before = await world.admin.get(`${path}/decisions/${id}`);
    await at(path, ada, id, node);
    await at(`${path}/members/${NOBODY}`, ada, missingId, node);
    await at(`${path}/issuers`, ada, refusedId, node);
    // What a node has not written yet, it writes as it ends.
    await node.close();

    const allowed = await inTenant(id);
    const missing = await inTenant(missingId);
    const refused = await inTenant(refusedId);

    expect(before.status).toBe(404);
    expect(allowed).toMatchObject({ outcome: 'allowed', status: 200, code: null, others: [] });
    expect(wayOf(allowed)).toBe('credential issuer key claims member roles tenant permission');
    expect(missing).toMatchObject({ outcome: 'allowed', status: 404, code: null });
    expect(refused).toMatchObject({ outcome: 'refused', status: 403, others: [] });
  });

  it('is removed once its days are over', async () => {
    const id = newId();
    await at(`/v1/tenants/${own.tenant.id}/issuers`, ada, id);
    const before = await inTenant(id);
    const retention = world.api.app.get(ReceiptRetention, { strict: false });
    const statusAfter = async (days: number): Promise<number> => {
      clock.advanceSeconds(days * 86_400);
      await retention.work();
      clock.reset();
      const path = `/v1/tenants/${own.tenant.id}/decisions/${id}`;
      return (await world.admin.get(path)).status;
    };

    const [early, late] = [await statusAfter(29), await statusAfter(31)];

    expect(before.outcome).toBe('refused');
    expect([early, late]).toEqual([200, 404]);
  });

  it('is kept of a flood up to a number, and of everybody else still', async () => {
    const [id, otherId] = [newId(), newId()];
    const mallory = world.bearer(await idp.token({ subject: 'mallory' }));
    const path = `/v1/tenants/${own.tenant.id}/issuers`;
    for (let sent = 0; sent < FLOOD; sent += AT_ONCE) {
      await Promise.all(Array.from({ length: AT_ONCE }, () => at(path, mallory, id)));
    }
    await at(path, ada, otherId);

    const newest = await inTenant(id);
    const other = await inTenant(otherId);
    const kept = await world.api.database.queryAcrossTenants(
      'spec',
      'select from decision_receipts where request_id = $1',
      [id],
    );

    expect(newest.others).toHaveLength(99);
    expect(kept).toHaveLength(600);
    expect(other.outcome).toBe('refused');
  });
});
