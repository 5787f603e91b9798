import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  describe,
  expect,
  it,
  jest,
} from '@jest/globals';
import { Logger } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { TENANTRY } from '@tenantry/audit';
import { AwsKms, type KekProvider, LocalKek, MasterKey } from '@tenantry/crypto';
import {
  aTenant,
  FakeKms,
  openTestDatabase,
  TestClock,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { aCaller, drain, RotationNode } from '../../../../test/bench/rotation-node.js';
import { VaultSealed } from '../secrets.errors.js';

const MINUTE_MS = 60_000;

interface KekInTable {
  readonly state: string;
  readonly provider: string;
  readonly material: Buffer | null;
  readonly keys: number;
}

let test: TestDatabase;
let clock: TestClock;
let local: LocalKek;
let nodes: RotationNode[];
let errors: unknown[];

beforeAll(() => {
  Object.assign(process.env, FakeKms.ENVIRONMENT);
});

beforeEach(async () => {
  test = await openTestDatabase();
  clock = new TestClock();
  local = new LocalKek(new MasterKey(Buffer.alloc(32, 7)));
  nodes = [];
  errors = [];
  jest.spyOn(Logger.prototype, 'error').mockImplementation((given: unknown) => {
    errors.push(given);
  });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await Promise.all(nodes.map((node) => node.stop()));
  await test.close();
});

afterAll(() => {
  for (const name of Object.keys(FakeKms.ENVIRONMENT)) Reflect.deleteProperty(process.env, name);
});

async function aNode(
  given: Partial<{ preferred: KekProvider; kms: AwsKms }> = {},
): Promise<RotationNode> {
  const { kms, preferred = local } = given;
  const node = await RotationNode.start({
    ...{ database: test.anotherNode(), url: test.url, clock, preferred },
    providers: kms ? [local, kms] : [local],
  });
  nodes.push(node);
  return node;
}

const write = (text: string, values: readonly unknown[]): Promise<unknown> =>
  test.query(text, values);

/** So many tenants with a data key each; the first five, of which three have values, are answered. */
async function tenantsWithKeys(node: RotationNode, count: number): Promise<TestTenant[]> {
  const tenants: TestTenant[] = [];
  for (const isSeeded of [true, true, true, false, false]) {
    const tenant = await aTenant(test.database);
    await node.keys.active(tenant.scope, TENANTRY);
    if (isSeeded) await node.seed(tenant.scope, 2, write);
    tenants.push(tenant);
  }
  await node.seedTenants(count - tenants.length, write);
  return tenants;
}

async function keks(): Promise<KekInTable[]> {
  return test.query(`
    select state, provider, material, (
      select count(*)::int from data_keys d where d.kek_id = k.id and d.wrapped is not null) as keys
    from key_encryption_keys k order by created_at, id`);
}

/** How many values are sealed under each data key of a tenant, the oldest key first. */
async function dataKeys({ id }: TestTenant): Promise<object[]> {
  return test.query(
    `select state, wrapped is null as gone, (
       select count(*)::int from secret_versions v
       where v.data_key_id = d.id and v.sealed is not null) as values
     from data_keys d where tenant_id = $1 order by created_at, id`,
    [id],
  );
}

async function deedsOf(trail: string): Promise<string[]> {
  const rows = await test.query<{ deed: string }>(
    'select deed from audit_records where tenant_id = $1 order by sequence',
    [trail],
  );
  return rows.map(({ deed }) => deed);
}

const PLATFORM = '00000000-0000-0000-0000-000000000000';

describe('a key-encryption key that is replaced', () => {
  const revealAll = (node: RotationNode, tenants: readonly TestTenant[]): Promise<unknown[]> =>
    Promise.all(
      tenants.slice(0, 3).map(({ scope }) => node.reveal(scope, ['secret-1', 'secret-2'])),
    );
  const VALUES = Array.from({ length: 3 }, () => ['value-1', 'value-2']);

  it('is left behind by every data key, shared among nodes, and destroyed', async () => {
    const [one, other] = [await aNode(), await aNode()];
    const tenants = await tenantsWithKeys(one, 300);
    const [stale] = await test.query<{ id: string; kekId: string; wrapped: Buffer }>(
      'select id, kek_id as "kekId", wrapped from data_keys where tenant_id = $1',
      [tenants[0]?.id],
    );
    expect(await revealAll(other, tenants)).toEqual(VALUES);

    await one.kekRotation.begin(aCaller(null));

    expect((await one.platform.get()).rotation).toEqual({ state: 'running', done: 0, total: 300 });
    expect(await one.schedule.lookOnce()).toBe(true);
    expect(await keks()).toMatchObject([
      { state: 'retiring', keys: 200 },
      { state: 'active', keys: 100 },
    ]);
    const during = await aNode();
    expect(await Promise.all([one, other, during].map((node) => revealAll(node, tenants)))).toEqual(
      [VALUES, VALUES, VALUES],
    );

    await drain(one, other);

    expect(await keks()).toEqual([
      { state: 'retired', provider: 'local', material: null, keys: 0 },
      { state: 'active', provider: 'local', material: expect.any(Buffer), keys: 300 },
    ]);
    expect(one.rewrapping.counts.rewrapped + other.rewrapping.counts.rewrapped).toBe(300);
    expect(await one.platform.get()).toMatchObject({
      state: 'open',
      rotation: { state: 'idle', done: 300, total: 300 },
      keys: [
        { state: 'active', retiredAt: null },
        { state: 'retired', retiredAt: clock.now() },
      ],
    });
    expect(await deedsOf(PLATFORM)).toEqual(['vault.rotation_begun', 'vault.kek_retired']);
    const after = await aNode();
    expect(await Promise.all([one, other, after].map((node) => revealAll(node, tenants)))).toEqual([
      VALUES,
      VALUES,
      VALUES,
    ]);
    // Read before the rotation, used only now.
    if (!stale) throw new Error('There is no data key.');
    const late = await aNode();
    await expect(late.keys.using(tenants[0]?.id ?? '', stale, () => 'opened')).resolves.toBe(
      'opened',
    );
    expect(errors).toEqual([]);
  });

  it('is one at a time, however many replace it while data keys are being made', async () => {
    const [one, other] = [await aNode(), await aNode()];
    const tenants = await Promise.all(Array.from({ length: 20 }, () => aTenant(test.database)));

    await Promise.all([
      ...[one, other, one, other].map((node) => node.kekRotation.begin(aCaller(null))),
      ...tenants.map(({ scope }, index) => (index % 2 ? one : other).keys.active(scope, TENANTRY)),
    ]);
    await drain(one, other);

    const found = await keks();
    expect(found.filter(({ state }) => state === 'active')).toMatchObject([{ keys: 20 }]);
    expect(found.filter(({ state }) => state !== 'active')).toEqual(
      found
        .slice(0, -1)
        .map(() => ({ state: 'retired', provider: 'local', material: null, keys: 0 })),
    );
    expect(found.length).toBeGreaterThanOrEqual(4);
  });

  it('stays for a data key that does not unwrap, which holds no other back', async () => {
    const node = await aNode();
    const tenants = await tenantsWithKeys(node, 5);
    await test.query(
      'update data_keys set wrapped = set_byte(wrapped, 40, get_byte(wrapped, 40) # 1) where tenant_id = $1',
      [tenants[4]?.id],
    );
    await node.kekRotation.begin(aCaller(null));

    await drain(node);
    clock.advance(MINUTE_MS);
    await drain(node);

    expect(await keks()).toMatchObject([
      { state: 'retiring', keys: 1 },
      { state: 'active', keys: 4 },
    ]);
    expect(errors).toEqual([{ tenant: tenants[4]?.id, key: expect.any(String) }]);
    expect((await node.platform.get()).rotation).toEqual({ state: 'running', done: 4, total: 5 });
  });

  it('moves to a key service and back, and waits while that is down', async () => {
    // The SDK waits for a random part of a second and more between attempts: here for none of it.
    jest.spyOn(Math, 'random').mockReturnValue(0);
    const fake = await FakeKms.start();
    try {
      const arn = fake.createKey();
      const kms = new AwsKms({ keyId: arn, endpoint: fake.endpoint, timeoutMs: 1_000 });
      const node = await aNode({ kms, preferred: kms });
      const home = await aNode({ kms, preferred: local });
      const tenants = await tenantsWithKeys(home, 120);
      await node.kekRotation.begin(aCaller(null));
      await node.schedule.lookOnce();
      expect(await keks()).toMatchObject([{ keys: 20 }, { provider: 'aws-kms', keys: 100 }]);

      fake.behave('down');
      expect(await node.schedule.lookOnce()).toBe(false);
      clock.advance(10_000);
      await expect(node.kekRotation.begin(aCaller(null))).rejects.toThrow(VaultSealed);
      clock.advance(10_000);
      expect(await node.platform.get()).toMatchObject({ state: 'sealed', provider: 'aws-kms' });
      expect(await keks()).toMatchObject([
        { state: 'retiring', keys: 20 },
        { state: 'active', keys: 100 },
      ]);

      fake.behave('well');
      clock.advance(2 * MINUTE_MS);
      await drain(node);
      expect(await keks()).toMatchObject([
        { state: 'retired', keys: 0, material: null },
        { state: 'active', provider: 'aws-kms', material: null, keys: 120 },
      ]);
      expect(await node.platform.get()).toMatchObject({ state: 'open', active: { keyName: arn } });
      expect(await revealAll(await aNode({ kms }), tenants)).toEqual(VALUES);

      await home.kekRotation.begin(aCaller(null));
      await drain(home);
      expect(await keks()).toMatchObject([
        { state: 'retired', keys: 0 },
        { state: 'retired', provider: 'aws-kms', keys: 0 },
        { state: 'active', provider: 'local', keys: 120 },
      ]);
      const calls = fake.calls.length;
      expect(await revealAll(await aNode(), tenants)).toEqual(VALUES);
      expect(fake.calls.length).toBe(calls);
    } finally {
      await fake.stop();
    }
  });
});

describe('a data key that is replaced', () => {
  let one: RotationNode;
  let other: RotationNode;
  let tenant: TestTenant;
  let caller: Caller;

  beforeEach(async () => {
    [one, other] = [await aNode(), await aNode()];
    tenant = await aTenant(test.database);
    caller = aCaller(tenant);
  });

  const revealed = (node: RotationNode, numbers: readonly number[]): Promise<unknown[]> =>
    node.reveal(
      tenant.scope,
      numbers.map((number) => `secret-${number}`),
    );

  it('is left behind by every value while they are saved, revealed and destroyed', async () => {
    await one.seed(tenant.scope, 500, write);

    await Promise.all([one, other, one].map((node) => node.keyRotation.begin(caller)));
    expect(await dataKeys(tenant)).toEqual([
      { state: 'retiring', gone: false, values: 500 },
      { state: 'active', gone: false, values: 0 },
    ]);
    expect((await one.vault.get(tenant.scope)).rewrap).toEqual({
      state: 'running',
      done: 0,
      total: 500,
    });
    const destroyed = Array.from({ length: 30 }, (_, index) => index * 16 + 1);
    const saved = destroyed.map((number) => number + 1);
    const use = async (node: RotationNode): Promise<void> => {
      for (const number of destroyed) {
        const name = `secret-${number}`;
        await node.alterations.destroyVersion(caller, { name, expected: null }, 1);
        await node.save({ caller, name: `secret-${number + 1}`, value: 'anew' });
        expect(await revealed(node, [number + 2])).toEqual([`value-${number + 2}`]);
      }
    };
    await Promise.all([use(one), use(other), drain(one, other)]);
    await drain(one, other);

    const [{ count: before } = { count: -1 }] = await test.query<{ count: number }>(
      `select count(*)::int as count from secret_versions v join data_keys d on d.id = v.data_key_id
       where d.state = 'retired'`,
    );
    expect(await dataKeys(tenant)).toEqual([
      { state: 'retired', gone: true, values: 0 },
      { state: 'active', gone: false, values: 530 },
    ]);
    // What was destroyed before its turn is the only thing that still names the old key.
    expect(one.resealing.counts.resealed + other.resealing.counts.resealed).toBe(500 - before);
    const numbers = Array.from({ length: 500 }, (_, index) => index + 1);
    const expected = numbers.map((number) => {
      if (destroyed.includes(number)) return null;
      return saved.includes(number) ? 'anew' : `value-${number}`;
    });
    for (const node of [one, other, await aNode()])
      expect(await revealed(node, numbers)).toEqual(expected);
    expect((await deedsOf(tenant.id)).filter((deed) => deed.startsWith('vault.'))).toEqual([
      'vault.key_created',
      'vault.rewrap_begun',
      'vault.key_retired',
    ]);
    expect(errors).toEqual([]);
  });

  it('stays for a value that does not open, until that is destroyed', async () => {
    await one.seed(tenant.scope, 450, write);
    const [tampered] = await test.query<{ name: string }>(
      `update secret_versions v set sealed = set_byte(sealed, 30, get_byte(sealed, 30) # 1)
       from secrets s where s.id = v.secret_id and s.name = 'secret-7' returning s.name`,
    );
    expect(tampered).toEqual({ name: 'secret-7' });
    await one.keyRotation.begin(caller);

    await drain(one);
    clock.advance(2 * MINUTE_MS);
    await drain(one);
    await one.keyRotation.begin(caller);

    expect(await dataKeys(tenant)).toEqual([
      { state: 'retiring', gone: false, values: 1 },
      { state: 'active', gone: false, values: 449 },
    ]);
    expect(errors).toEqual([{ tenant: tenant.id, secret: expect.any(String), version: 1 }]);
    expect(one.resealing.counts).toEqual({ resealed: 449, broken: 1 });
    expect((await one.vault.get(tenant.scope)).rewrap).toEqual({
      state: 'running',
      done: 449,
      total: 450,
    });

    await one.alterations.destroyVersion(caller, { name: 'secret-7', expected: null }, 1);
    clock.advance(2 * MINUTE_MS);
    await drain(one);

    expect(await dataKeys(tenant)).toMatchObject([
      { state: 'retired', gone: true },
      { values: 449 },
    ]);
  });

  it('takes its values with it when it is shredded meanwhile, even from under a batch', async () => {
    await one.seed(tenant.scope, 450, write);
    await one.keyRotation.begin(caller);
    expect(await one.schedule.lookOnce()).toBe(true);
    let look: Promise<boolean> = Promise.resolve(false);

    await other.keys.active(tenant.scope, TENANTRY);
    await test.anotherNode().acrossTenants('spec', async (tx) => {
      await tx.query(
        `update data_keys set wrapped = null, state = 'shredded', ended_at = now()
         where tenant_id = $1::uuid returning 1`,
        [tenant.id],
      );
      // Has read both keys as they were, and waits for what becomes of them.
      look = one.schedule.lookOnce();
      await waitingForLock();
    });
    await look;
    await one.save({ caller, name: 'secret-1', value: 'after' });
    await drain(one, other);

    expect(await dataKeys(tenant)).toEqual([
      { state: 'shredded', gone: true, values: 250 },
      { state: 'shredded', gone: true, values: 200 },
      { state: 'active', gone: false, values: 1 },
    ]);
    expect(await revealed(other, [1, 2, 450])).toEqual(['after', null, null]);
    expect(errors).toEqual([]);
  });

  it('is not made of none', async () => {
    await one.keyRotation.begin(caller);

    expect(await dataKeys(tenant)).toEqual([]);
    expect(await deedsOf(tenant.id)).toEqual([]);
  });

  it('is replaced along with the key that wraps it', async () => {
    await one.seed(tenant.scope, 450, write);
    await Promise.all([one.keyRotation.begin(caller), other.kekRotation.begin(aCaller(null))]);

    await drain(one, other);
    await drain(one, other);

    expect(await dataKeys(tenant)).toEqual([
      { state: 'retired', gone: true, values: 0 },
      { state: 'active', gone: false, values: 450 },
    ]);
    expect(await keks()).toMatchObject([
      { state: 'retired', material: null, keys: 0 },
      { state: 'active', keys: 1 },
    ]);
    expect(await revealed(await aNode(), [1, 450])).toEqual(['value-1', 'value-450']);
  });

  /** Until some statement of another transaction waits for a row. */
  async function waitingForLock(): Promise<void> {
    const WAITING = `select 1 from pg_stat_activity
      where datname = current_database() and wait_event_type = 'Lock'`;
    const deadline = performance.now() + 10_000;
    while ((await test.query(WAITING)).length === 0) {
      if (performance.now() > deadline) throw new Error('Nobody waits.');
    }
  }
});
