import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { LocalKek, MasterKey } from '@tenantry/crypto';
import { SystemClock } from '@tenantry/kernel';
import { createTestDatabase, type DatabaseCopy, openDatabase, scopeOf } from '@tenantry/testing';
import { RotationNode } from './bench/rotation-node.js';
import { ControlPlaneProcess } from './control-plane-process.js';
import { eventually } from './eventually.js';
import { type Answer, itemsOf, send, textOf } from './send.js';
import { VaultWorld } from './vault-world.js';

const LIMIT_MS = 180_000;
const MASTER_KEY = Buffer.alloc(32, 7);
const ADMIN = { clientId: 'platform-admin', clientSecret: 'a-secret-for-tests-alone-0123456789' };
const VALUES = 1_500;
const TENANTS = 400;

interface Progress {
  readonly state: string;
  readonly done: number;
  readonly total: number;
}

const rewrapOf = ({ json }: Answer): Progress => (json as { readonly rewrap: Progress }).rewrap;
const rotationOf = ({ json }: Answer): Progress =>
  (json as { readonly rotation: Progress }).rotation;
const isIdle = ({ state }: Progress): boolean => state === 'idle';

describe('the keys of a vault', () => {
  let vault: VaultWorld;

  beforeAll(async () => {
    vault = await VaultWorld.start();
  });
  afterAll(() => vault.close());

  it('are replaced by a tenant, on whichever node, and its values stay what they are', async () => {
    const node = await vault.node();
    const { root, at, secrets, token } = await vault.tenant();
    for (const name of ['one', 'two'])
      await root.put(`${secrets}/${name}`, { value: `of ${name}` });

    const begun = await root.post(`${secrets}/rewrap`);

    expect(begun).toMatchObject({
      status: 200,
      json: { state: 'open', keys: [{ state: 'active' }, {}], rewrap: { total: 2 } },
    });
    await eventually(async () => rewrapOf(await root.get(`${at}/vault`)), isIdle);
    expect((await root.get(`${at}/vault`)).json).toMatchObject({
      keys: [
        { state: 'active', endedAt: null },
        { state: 'retired', endedAt: expect.any(String) },
      ],
      rewrap: { state: 'idle', done: 2, total: 2 },
    });
    for (const voice of [root, node.voice(token)]) {
      expect((await voice.get(`${secrets}/two/value`)).json).toMatchObject({ value: 'of two' });
    }
    for (const deed of ['vault.rewrap_begun', 'vault.key_retired']) {
      const events = itemsOf(await root.get(`${at}/audit/events?deed=${deed}`));
      expect(events).toMatchObject([{ deed, outcome: 'done', target: { kind: 'data_key' } }]);
    }
    await node.close();
  });

  it('are replaced by those who may, and nobody else', async () => {
    const { root, at, secrets } = await vault.tenant();
    const viewer = vault.voice(await vault.serviceToken(at, ['viewer']));

    expect((await viewer.post(`${secrets}/rewrap`)).status).toBe(403);
    expect((await root.get('/v1/platform/vault')).status).toBe(403);
    expect((await root.post('/v1/platform/vault/rotate')).status).toBe(403);
    expect(await root.post(`${secrets}/rewrap`)).toMatchObject({
      status: 200,
      json: { keys: [], rewrap: { state: 'idle', done: 0, total: 0 } },
    });
  });

  it('are wrapped anew for all tenants at once, and none is ever shown', async () => {
    const { root, secrets } = await vault.tenant();
    await root.put(`${secrets}/erp`, { value: 'kept' });
    const { platform } = vault;
    const before = (await platform.get('/v1/platform/vault')).json as { readonly keyId: string };

    const rotated = await platform.post('/v1/platform/vault/rotate');

    expect(rotated.status).toBe(200);
    expect(Object.keys(rotated.json as object)).toEqual([
      ...['state', 'provider', 'keyId', 'keyName', 'keys', 'rotation'],
    ]);
    expect(rotated.json).toMatchObject({ state: 'open', provider: 'local', keyName: null });
    await eventually(async () => rotationOf(await platform.get('/v1/platform/vault')), isIdle);
    const { keyId, keys } = (await platform.get('/v1/platform/vault')).json as {
      readonly keyId: string;
      readonly keys: readonly object[];
    };
    expect(keyId).not.toBe(before.keyId);
    expect(keys).toEqual([
      {
        ...{ id: keyId, provider: 'local', keyName: null, state: 'active', retiredAt: null },
        createdAt: expect.any(String),
      },
      {
        ...{ id: before.keyId, provider: 'local', keyName: null, state: 'retired' },
        ...{ createdAt: expect.any(String), retiredAt: expect.any(String) },
      },
    ]);
    expect((await root.get(`${secrets}/erp/value`)).json).toMatchObject({ value: 'kept' });
    for (const [deed, id] of [
      ['vault.rotation_begun', keyId],
      ['vault.kek_retired', before.keyId],
    ]) {
      const events = await platform.get(`/v1/platform/audit/events?deed=${deed ?? ''}`);
      expect(itemsOf(events)).toMatchObject([{ deed, target: { kind: 'kek', id } }]);
    }
  });
});

describe('a node that is killed while it replaces keys', () => {
  const database = (): ReturnType<typeof openDatabase> => openDatabase(copy.url);
  let copy: DatabaseCopy;
  let superuser: pg.Client;
  let tenantId: string;
  let token: string;

  beforeEach(async () => {
    copy = await createTestDatabase();
    superuser = new pg.Client({ connectionString: copy.superuserUrl });
    await superuser.connect();
  });
  afterEach(async () => {
    await ControlPlaneProcess.endAll();
    await superuser.end();
    await copy.drop();
  }, LIMIT_MS);

  const start = async (): Promise<ControlPlaneProcess> =>
    ControlPlaneProcess.start({
      settings: {
        LOG_LEVEL: 'error',
        DATABASE_URL: copy.url,
        PUBLIC_URL: 'http://tenantry.test',
        TENANTRY_MASTER_KEY: MASTER_KEY.toString('base64'),
        TENANTRY_ADMIN_CLIENT_ID: ADMIN.clientId,
        TENANTRY_ADMIN_CLIENT_SECRET: ADMIN.clientSecret,
      },
    });

  const ask = (running: ControlPlaneProcess, path: string, body?: object): Promise<Answer> =>
    send(running.url, { method: body ? 'POST' : 'GET', path, token, ...(body ? { body } : {}) });

  /** What the vault of a node is that has cached nothing. */
  async function withNode<Result>(work: (node: RotationNode) => Promise<Result>): Promise<Result> {
    const own = database();
    const local = new LocalKek(new MasterKey(MASTER_KEY));
    const node = await RotationNode.start({
      ...{ database: own, url: copy.url, clock: new SystemClock() },
      ...{ providers: [local], preferred: local },
    });
    try {
      return await work(node);
    } finally {
      await node.stop();
      await own.close();
    }
  }

  /** How many values each data key of the tenant has, and how many data keys each key-encryption key. */
  async function counts(): Promise<Readonly<Record<string, number>>> {
    const { rows } = await superuser.query<{ what: string; count: number }>(
      `select 'values ' || d.state as what, count(v.sealed)::int as count
       from data_keys d left join secret_versions v on v.data_key_id = d.id
       where d.tenant_id = $1 group by d.state
       union all
       select 'keys ' || k.state, count(d.wrapped)::int
       from key_encryption_keys k left join data_keys d on d.kek_id = k.id group by k.state`,
      [tenantId],
    );
    return Object.fromEntries(rows.map(({ what, count }) => [what, count]));
  }

  it(
    'leaves nothing half done: every value opens, none under an old key, and the old keys are gone',
    async () => {
      const first = await start();
      token = await first.token(ADMIN);
      tenantId = textOf(
        await ask(first, '/v1/tenants', { slug: 'acme', displayName: 'Acme' }),
        'id',
      );
      await withNode(async (node) => {
        await node.seed(scopeOf(tenantId), VALUES, (text, values) =>
          superuser.query(text, [...values]),
        );
        await node.seedTenants(TENANTS, (text, values) => superuser.query(text, [...values]));
      });
      // One of each is in use all the time, so that the work cannot be done before its end.
      await superuser.query('begin');
      await superuser.query(
        'select from secret_versions where tenant_id = $1 order by secret_id desc limit 1 for update',
        [tenantId],
      );
      await superuser.query(
        'select from data_keys where tenant_id <> $1 order by tenant_id desc limit 1 for update',
        [tenantId],
      );

      expect((await ask(first, '/v1/platform/vault/rotate', {})).status).toBe(200);
      expect((await ask(first, '/v1/tenants/acme/secrets/rewrap', {})).status).toBe(200);
      await eventually(
        counts,
        (now) => now['values active'] !== 0 && (now['keys active'] ?? 0) > 1,
        {
          pauseMs: 0,
        },
      );
      await first.kill();
      await superuser.query('rollback');

      const halfway = await counts();
      expect(halfway['values retiring']).toBeGreaterThan(0);
      expect(halfway['keys retiring']).toBeGreaterThan(0);
      await withNode(expectEveryValue);

      const second = await start();
      await withNode(expectEveryValue);
      await eventually(
        async () => [
          rewrapOf(await ask(second, '/v1/tenants/acme/vault')),
          rotationOf(await ask(second, '/v1/platform/vault')),
        ],
        (both) => both.every(isIdle),
        { withinMs: 60_000 },
      );

      expect(await counts()).toEqual({
        'values retired': 0,
        'values active': VALUES,
        'keys retired': 0,
        'keys active': TENANTS + 1,
      });
      const { rows } = await superuser.query(
        `select 'data key' as what, wrapped is null as gone from data_keys where state = 'retired'
         union all
         select 'kek', material is null from key_encryption_keys where state = 'retired'`,
      );
      expect(rows).toEqual([
        { what: 'data key', gone: true },
        { what: 'kek', gone: true },
      ]);
      await withNode(expectEveryValue);
    },
    LIMIT_MS,
  );

  async function expectEveryValue(node: RotationNode): Promise<void> {
    const numbers = Array.from({ length: VALUES }, (_, index) => index + 1);
    const names = numbers.map((number) => `secret-${number}`);
    expect(await node.reveal(scopeOf(tenantId), names)).toEqual(
      numbers.map((number) => `value-${number}`),
    );
  }
});
