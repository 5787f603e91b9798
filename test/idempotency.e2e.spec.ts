import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { type FilledTenant, MatrixWorld } from './matrix-world.js';
import { type Answer, itemsOf, type Request } from './send.js';

const REPLAYED = 'idempotency-replayed';

describe('an Idempotency-Key', () => {
  let world: MatrixWorld;

  beforeAll(async () => {
    world = await MatrixWorld.start();
  });
  afterAll(() => world.close());

  const create = (key: string, slug: string, given: Partial<Request> = {}): Promise<Answer> =>
    world.send({
      method: 'POST',
      path: '/v1/tenants',
      token: world.api.adminToken,
      headers: { 'idempotency-key': key },
      body: { slug, displayName: slug },
      ...given,
    });

  it('lets a request take effect once, and answers its repetition alike', async () => {
    const [key, slug] = [newId(), world.mark()];

    const first = await create(key, slug);
    const second = await create(key, slug);

    expect(first.status).toBe(201);
    expect(Object.keys(first.headers)).not.toContain(REPLAYED);
    expect(second).toMatchObject({
      status: 201,
      headers: {
        [REPLAYED]: 'true',
        location: first.headers['location'],
        etag: first.headers['etag'],
        'content-type': first.headers['content-type'],
      },
    });
    expect(second.text).toBe(first.text);
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  });

  it('answers with what was, not with what has become of it', async () => {
    const [key, slug] = [newId(), world.mark()];
    const first = await create(key, slug);
    await world.admin('PATCH', `/v1/tenants/${slug}`, { displayName: 'Changed since' });

    expect((await create(key, slug)).text).toBe(first.text);
  });

  it('is not used again for another body', async () => {
    const [key, slug, other] = [newId(), world.mark(), world.mark()];
    await create(key, slug);

    const refused = await create(key, other);

    expect(refused).toMatchObject({ status: 422, json: { code: 'request.idempotency_mismatch' } });
    expect(await world.admin('GET', `/v1/tenants/${other}`)).toMatchObject({ status: 404 });
  });

  it('is free again after a refusal', async () => {
    const [key, slug, taken] = [newId(), world.mark(), (await world.createTenant()).slug];

    expect(await create(key, taken)).toMatchObject({ status: 409 });
    expect(await create(key, slug)).toMatchObject({ status: 201 });
  });

  it('lets one of two requests at the same moment take effect', async () => {
    const [key, slug] = [newId(), world.mark()];

    const answers = await Promise.all([create(key, slug), create(key, slug), create(key, slug)]);

    const fresh = answers.filter(({ status, headers }) => status === 201 && !headers[REPLAYED]);
    const others = answers.filter((answer) => !fresh.includes(answer));
    expect(fresh).toHaveLength(1);
    for (const { status, headers, json } of others) {
      if (status === 201) expect(headers).toMatchObject({ [REPLAYED]: 'true' });
      else expect([status, json]).toMatchObject([409, { code: 'request.idempotency_running' }]);
    }
    const made = await world.superuser.query('select from tenants where slug = $1', [slug]);
    expect(made).toHaveLength(1);
  });

  it('writes one record of what took effect once', async () => {
    const [key, slug] = [newId(), world.mark()];
    await create(key, slug);
    await create(key, slug);

    const trail = await world.admin('GET', `/v1/tenants/${slug}/audit/events?deed=tenant.created`);

    expect(itemsOf(trail)).toHaveLength(1);
  });

  it('is each caller’s own', async () => {
    const [key, slug] = [newId(), world.mark()];
    await create(key, slug);
    const token = await world.platformToken(['platform-admin']);

    const other = await create(key, slug, { token });

    expect(other).toMatchObject({ status: 409, json: { code: 'tenants.slug_taken' } });
    expect(Object.keys(other.headers)).not.toContain(REPLAYED);
  });

  it.each(['', 'with blanks', 'x'.repeat(256), 'café'])(
    'is refused where it is %j',
    async (key) => {
      expect(await create(key, world.mark())).toMatchObject({
        status: 400,
        json: { code: 'request.idempotency_key_invalid' },
      });
    },
  );

  describe('is looked at after the guard, so that its answer is given', () => {
    let acme: FilledTenant;
    let key: string;
    let body: object;

    beforeAll(async () => {
      acme = await world.fillTenant();
      key = newId();
      body = world.registration(`https://${world.mark()}.example`);
      expect(await register()).toMatchObject({ status: 201 });
      expect(await register()).toMatchObject({ status: 201, headers: { [REPLAYED]: 'true' } });
    });

    const register = (given: Partial<Request> = {}): Promise<Answer> =>
      world.send({
        method: 'POST',
        path: `/v1/tenants/${acme.id}/issuers`,
        token: acme.token,
        headers: { 'idempotency-key': key },
        body,
        ...given,
      });
    const expectRefusal = (answer: Answer, status: number, code: string): void => {
      expect(answer).toMatchObject({ status, json: { code } });
      expect(Object.keys(answer.headers)).not.toContain(REPLAYED);
    };

    it('to no caller of a suspended tenant', async () => {
      await world.admin('POST', `/v1/tenants/${acme.id}/suspend`, { reason: 'Unpaid.' });
      expectRefusal(await register(), 403, 'tenants.suspended');

      await world.admin('POST', `/v1/tenants/${acme.id}/resume`);
      expect(await register()).toMatchObject({ status: 201, headers: { [REPLAYED]: 'true' } });
    });

    it('to nobody whose token is none', async () => {
      expectRefusal(await register({ token: `${acme.token}x` }), 401, 'access.token_invalid');
    });

    it('to no caller of another tenant', async () => {
      const { token } = await world.fillTenant();

      expectRefusal(await register({ token }), 403, 'access.tenant_mismatch');
    });

    it('to no caller who has lost the permission', async () => {
      const members = `/v1/tenants/${acme.id}/members`;
      await world.admin('POST', members, {
        email: 'heir@acme.example',
        roles: ['tenant-admin'],
        issuerId: acme.ids['issuer'],
        subject: 'heir',
      });
      await world.admin('PATCH', `${members}/${acme.adminId}`, { roles: ['viewer'] });

      expectRefusal(await register(), 403, 'access.permission_missing');
    });
  });
});
