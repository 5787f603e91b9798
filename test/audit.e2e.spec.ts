import { createHash } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { Refusals } from '@tenantry/audit';
import { newId } from '@tenantry/kernel';
import { type FilledTenant, MatrixWorld } from './matrix-world.js';
import { type Answer, itemsOf, type Request } from './send.js';

type Event = Readonly<Record<string, unknown>>;

describe('the audit trail', () => {
  let world: MatrixWorld;
  let acme: FilledTenant;
  let globex: FilledTenant;

  beforeAll(async () => {
    world = await MatrixWorld.start();
    [acme, globex] = [await world.fillTenant(), await world.fillTenant([])];
  });
  afterAll(() => world.close());

  const asAdminOf = (
    tenant: FilledTenant,
    method: string,
    part: string,
    given: Partial<Request> = {},
  ): Promise<Answer> =>
    world.send({ method, path: `/v1/tenants/${tenant.id}${part}`, token: tenant.token, ...given });
  const trailOf = async ({ id }: { readonly id: string }, query = ''): Promise<readonly Event[]> =>
    itemsOf(await world.admin('GET', `/v1/tenants/${id}/audit/events?limit=200&${query}`));
  const platformTrail = async (query: string): Promise<readonly Event[]> =>
    itemsOf(await world.admin('GET', `/v1/platform/audit/events?limit=200&${query}`));

  describe('of a deed', () => {
    it('says who did what to what, whence, and what it changed', async () => {
      const headers = { 'x-request-id': 'rename-4711', 'user-agent': 'a-browser/1.0' };

      await asAdminOf(acme, 'PATCH', '', { headers, body: { displayName: 'Acme at last' } });

      const [event] = await trailOf(acme, 'deed=tenant.changed');
      expect(event).toEqual({
        id: expect.any(String),
        v: 2,
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        previousHash: expect.stringMatching(/^[0-9a-f]{64}$/),
        commitments: expect.objectContaining({ '/ip': expect.anything() as unknown }),
        sequence: expect.any(Number),
        at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        deed: 'tenant.changed',
        outcome: 'done',
        actor: {
          kind: 'external',
          id: acme.adminId,
          issuer: acme.issuer,
          subject: 'admin',
          keyId: world.key.kid,
          sessionId: null,
          isPlatform: false,
          email: `admin@${acme.slug}.example`,
          name: `Admin of ${acme.slug}`,
        },
        target: { kind: 'tenant', id: acme.id, name: acme.slug },
        tenantId: acme.id,
        requestId: 'rename-4711',
        ip: '127.0.0.1',
        userAgent: 'a-browser/1.0',
        changes: { displayName: { before: acme.slug, after: 'Acme at last' } },
        reason: null,
        count: 1,
      });
    });

    it('is on the trail of the tenant that it was done to, and marked, where the platform did it', async () => {
      const { id } = await world.createTenant();

      await world.admin('POST', `/v1/tenants/${id}/suspend`, { reason: 'Unpaid since March.' });

      const [event] = await trailOf({ id }, 'deed=tenant.suspended');
      expect(event).toMatchObject({
        actor: { kind: 'service', isPlatform: true, issuer: 'http://tenantry.test' },
        changes: { status: { before: 'active', after: 'suspended' } },
        reason: 'Unpaid since March.',
        tenantId: id,
      });
    });

    it('that fails is not written, nor is a part of it', async () => {
      const before = await trailOf(acme, 'outcome=done');
      const { slug } = await world.createTenant();
      const issuer = `https://${world.mark()}.example`;
      await world.trust(globex.id, issuer);

      const statuses = [
        (await asAdminOf(acme, 'POST', '/issuers', { body: world.registration(issuer) })).status,
        (await asAdminOf(acme, 'DELETE', `/issuers/${newId()}`)).status,
        (await asAdminOf(acme, 'DELETE', `/members/${acme.adminId}`)).status,
        (
          await asAdminOf(acme, 'PATCH', '', {
            headers: { 'if-match': '"999"' },
            body: { displayName: 'Never' },
          })
        ).status,
        (await world.admin('POST', '/v1/tenants', { slug, displayName: 'Never' })).status,
      ];

      expect(statuses).toEqual([409, 404, 409, 412, 409]);
      expect(await trailOf(acme, 'outcome=done')).toEqual(before);
      const never = await world.superuser.query(
        `select from audit_records where record::text like '%Never%' or record::text like $1
           and tenant_id <> $2`,
        [`%${issuer}%`, globex.id],
      );
      expect(never).toEqual([]);
    });
  });

  describe('of a refusal', () => {
    it('is that of the refused, and says nothing to whom it was tried upon', async () => {
      const before = await world.superuser.rowsOf(globex.id);

      await world.send({
        method: 'GET',
        path: `/v1/tenants/${globex.id}/members`,
        token: acme.token,
      });
      await asAdminOf(acme, 'GET', '', { headers: { 'x-tenant-id': globex.slug } });
      await asAdminOf(acme, 'POST', '/resume');

      const [resume, header, path] = await trailOf(acme, 'outcome=refused');
      expect(path).toMatchObject({
        deed: 'access.refused',
        outcome: 'refused',
        reason: 'access.tenant_mismatch',
        actor: { id: acme.adminId, keyId: world.key.kid },
        target: { kind: 'route', id: 'GET /v1/tenants/:tenant/members', name: null },
        tenantId: acme.id,
        ip: '127.0.0.1',
        count: 1,
      });
      expect(header).toMatchObject({
        reason: 'access.tenant_mismatch',
        target: { id: 'GET /v1/tenants/:tenant' },
      });
      expect(resume).toMatchObject({
        reason: 'access.permission_missing',
        target: { id: 'POST /v1/tenants/:tenant/resume' },
      });
      expect(await world.superuser.rowsOf(globex.id)).toEqual(before);
      expect(JSON.stringify([resume, header, path])).not.toContain(globex.id);
    });

    it('of a suspended tenant’s own is on its trail', async () => {
      const tenant = await world.fillTenant([]);
      await world.admin('POST', `/v1/tenants/${tenant.id}/suspend`, { reason: 'Unpaid.' });

      await asAdminOf(tenant, 'GET', '/members');

      expect(await trailOf(tenant, 'outcome=refused')).toMatchObject([
        { reason: 'tenants.suspended', actor: { id: tenant.adminId } },
      ]);
    });

    it('of the platform’s own, outside every tenant, is on the platform’s trail', async () => {
      const token = await world.platformToken(['platform-viewer']);
      const body = { slug: world.mark(), displayName: 'No' };

      await world.send({ method: 'POST', path: '/v1/tenants', token, body });

      const [event] = await platformTrail('deed=access.refused');
      expect(event).toMatchObject({
        reason: 'access.permission_missing',
        tenantId: null,
        actor: { isPlatform: true },
        target: { id: 'POST /v1/tenants' },
      });
    });

    it('of nobody known is counted by its reason, and never upon a tenant', async () => {
      const count = async (): Promise<Readonly<Record<string, number>>> => {
        await world.api.app.get(Refusals).flush();
        const counts: Record<string, number> = {};
        for (const event of await platformTrail('deed=access.unauthenticated')) {
          const reason = String(event['reason']);
          counts[reason] = (counts[reason] ?? 0) + Number(event['count']);
        }
        return counts;
      };
      const before = await count();
      const trails = [await trailOf(acme), await trailOf(globex)];
      const path = `/v1/tenants/${globex.id}`;

      for (let n = 0; n < 3; n++) await world.send({ method: 'GET', path });
      for (let n = 0; n < 4; n++) await world.send({ method: 'GET', path, token: 'not.a.jwt' });
      const forged = `${globex.token.slice(0, -4)}AAAA`;
      await world.send({ method: 'GET', path, token: forged });

      const after = await count();
      const grown = Object.entries(after).map(([reason, n]) => [reason, n - (before[reason] ?? 0)]);
      expect(Object.fromEntries(grown)).toEqual({
        'access.token_missing': 3,
        'access.token_invalid:malformed': 4,
        'access.token_invalid:bad_signature': 1,
      });
      expect([await trailOf(acme), await trailOf(globex)]).toEqual(trails);
      const [event] = await platformTrail('deed=access.unauthenticated');
      expect(event).toMatchObject({ outcome: 'refused', actor: { kind: 'system' }, ip: null });
    });
  });

  describe('keeps what is personal beside the record', () => {
    interface Row {
      readonly record: object;
      readonly personal: Readonly<
        Record<string, { readonly salt: string; readonly value: string }>
      >;
    }
    const rowOf = async (id: unknown): Promise<Row> => {
      const [row] = await world.superuser.query<{ record: object; personal: object }>(
        'select record, personal from audit_records where id = $1',
        [id],
      );
      return row as Row;
    };
    const at = (record: object, pointer: string): unknown =>
      pointer
        .split('/')
        .slice(1)
        .reduce<unknown>((value, name) => Reflect.get(value as object, name), record);
    const addMember = async (): Promise<Event> => {
      const email = `${world.mark()}@acme.example`;
      const body = { email, displayName: 'Ada Lovelace', roles: ['viewer'] };
      await asAdminOf(acme, 'POST', '/members', { body, headers: { 'user-agent': 'browser/2' } });
      const [event] = await trailOf(acme, 'deed=member.added');
      if (!event) throw new Error('No member was added.');
      return event;
    };

    it('and a salted commitment in it', async () => {
      const { id } = await addMember();

      const { record, personal } = await rowOf(id);

      expect(Object.keys(personal).toSorted()).toEqual([
        '/actor/email',
        '/actor/name',
        '/actor/subject',
        '/changes/displayName/after',
        '/changes/email/after',
        '/ip',
        '/target/name',
        '/userAgent',
      ]);
      for (const [pointer, { salt, value }] of Object.entries(personal)) {
        const hash = createHash('sha256').update(Buffer.from(salt, 'base64url')).update(value);
        expect(at(record, pointer)).toBe(`sha256:${hash.digest('base64url')}`);
        expect(JSON.stringify(record)).not.toContain(value);
      }
      expect(new Set(Object.values(personal).map(({ salt }) => salt)).size).toBe(8);
    });

    it('so that the record can still be read, and verified, once somebody is erased', async () => {
      const event = await addMember();
      const { record } = await rowOf(event['id']);
      const body = { person: acme.adminId };

      const erasure = await asAdminOf(acme, 'POST', '/audit/erasures', { body });

      expect(erasure).toMatchObject({ status: 200 });
      const erased = await asAdminOf(acme, 'GET', `/audit/events/${String(event['id'])}`);
      expect(erased).toMatchObject({
        status: 200,
        json: {
          ...{ id: event['id'], hash: event['hash'], ip: null, userAgent: null },
          actor: { id: acme.adminId, subject: null, email: null, name: null },
          target: event['target'],
          changes: event['changes'],
        },
      });
      expect((await rowOf(event['id'])).record).toEqual(record);
      const verdict = await asAdminOf(acme, 'GET', '/audit/verify');
      expect(verdict).toMatchObject({ status: 200, json: { valid: true } });
    });
  });
});
