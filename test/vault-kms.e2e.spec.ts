import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { MasterKey } from '@tenantry/crypto';
import { FakeKms } from '@tenantry/testing';
import { masterKeyByKms } from '@tenantry/secrets';
import { readConfig } from '@tenantry/config';
import { eventually } from './eventually.js';
import { send } from './send.js';
import { type VaultTenant, VaultWorld } from './vault-world.js';

interface Coded {
  readonly code: string;
}

/** By the tenant, or because the call that hung was not answered in time. */
const SEALED_EITHER = /^secrets\.(?:sealed|vault_sealed)$/;

const FRESH_SECONDS = 300;
const USABLE_SECONDS = 900;

describe('a vault whose keys are in AWS KMS', () => {
  const environment = { ...process.env };
  let kms: FakeKms;
  let arn: string;
  let vault: VaultWorld;
  let tenant: VaultTenant;

  const settings = (): Record<string, string> => ({
    AWS_KMS_KEY_ID: arn,
    AWS_KMS_ENDPOINT: kms.endpoint,
  });

  beforeAll(async () => {
    Object.assign(process.env, FakeKms.ENVIRONMENT);
    kms = await FakeKms.start();
    arn = kms.createKey();
    vault = await VaultWorld.start({ settings: settings() });
  });
  afterAll(async () => {
    await vault.close();
    await kms.stop();
    process.env = environment;
  });

  beforeEach(async () => {
    kms.behave('well');
    tenant = await vault.tenant();
    expect(await save(tenant, 'one')).toMatchObject({ status: 201 });
  });

  const save = ({ root, secrets }: VaultTenant, name: string): ReturnType<typeof root.put> =>
    root.put(`${secrets}/${name}`, { value: 'canary-of-kms' });

  const reveal = ({ root, secrets }: VaultTenant): ReturnType<typeof root.get> =>
    root.get(`${secrets}/one/value`);

  const readiness = async (url = vault.world.api.url): Promise<unknown> => {
    const { status, json } = await send(url, { method: 'GET', path: '/readyz' });
    return [status, (json as { checks: { vault: string } }).checks.vault];
  };

  /** Once the feed is heard again after a leap of the clock. */
  const settled = async (): Promise<unknown> =>
    eventually(
      () => readiness(),
      (found) => (found as [number, string])[0] === 200,
    );

  const SEALED = { status: 503, json: { code: 'secrets.vault_sealed' } };

  it('wraps each data key there, bound to its tenant, and sends no value', async () => {
    const [{ provider, keyName, material }] = (await vault.superuser.query(
      `select provider, key_name as "keyName", material from key_encryption_keys`,
    )) as [{ provider: string; keyName: string; material: null }];

    expect({ provider, keyName, material }).toEqual({
      provider: 'aws-kms',
      keyName: arn,
      material: null,
    });
    expect(kms.calls.filter(({ operation }) => operation === 'Encrypt').at(-1)).toMatchObject({
      keyId: arn,
      context: { purpose: 'tenantry-data-key', tenant: tenant.id },
    });
    expect(await reveal(tenant)).toMatchObject({ status: 200, json: { value: 'canary-of-kms' } });
  });

  it('unwraps a data key once in its lifetime, however many ask at once', async () => {
    const node = await vault.node({ settings: settings() });
    try {
      const before = kms.calls.length;
      const root = node.voice(tenant.token);

      const answers = await Promise.all(
        Array.from({ length: 30 }, () => reveal({ ...tenant, root })),
      );

      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 30 }, () => 200));
      expect(kms.calls.slice(before).map(({ operation }) => operation)).toEqual(['Decrypt']);
    } finally {
      await node.close();
    }
  });

  it.each(['down', 'internal-error'] as const)(
    'is sealed for whom no key is at hand while KMS is %s, and for nobody else',
    async (behaviour) => {
      const node = await vault.node({ settings: settings() });
      try {
        kms.behave(behaviour);
        const cold = { ...tenant, root: node.voice(tenant.token) };

        const sealed = await reveal(cold);

        expect(sealed).toMatchObject(SEALED);
        expect(Number(sealed.headers['retry-after'])).toBeGreaterThan(0);
        expect(await save(cold, 'two')).toMatchObject(SEALED);
        // What needs no key goes on, here; and the key that the other node holds goes on, there.
        expect(await cold.root.get(`${tenant.secrets}/one`)).toMatchObject({ status: 200 });
        expect(await cold.root.get('/v1/me')).toMatchObject({ status: 200 });
        expect(await cold.root.ask('DELETE', `${tenant.secrets}/one`)).toMatchObject({
          status: 204,
        });
        expect(await save(tenant, 'three')).toMatchObject({ status: 201 });
        expect(await readiness(node.api.url)).toEqual([200, 'sealed']);
      } finally {
        await node.close();
      }
    },
  );

  it('keeps a tenant working for a quarter of an hour, and no longer', async () => {
    kms.behave('down');
    vault.clock.advanceMonotonic(FRESH_SECONDS + 1);
    expect(await reveal(tenant)).toMatchObject({ status: 200 });

    vault.clock.advanceMonotonic(USABLE_SECONDS - FRESH_SECONDS);
    expect(await reveal(tenant)).toMatchObject(SEALED);

    kms.behave('well');
    // Who asked just before may still be told that it is down.
    await eventually(
      () => {
        vault.clock.advanceMonotonic(2);
        return reveal(tenant);
      },
      ({ status }) => status === 200,
    );
    expect(await settled()).toEqual([200, 'up']);
  });

  it('opens nothing with a key that was disabled, as soon as its data keys are to be had again', async () => {
    kms.disable(arn);
    try {
      vault.clock.advanceMonotonic(FRESH_SECONDS + 1);

      expect(await reveal(tenant)).toMatchObject(SEALED);
      expect(await settled()).toEqual([200, 'sealed']);
    } finally {
      kms.enable(arn);
      vault.clock.advanceMonotonic(2);
    }
    expect(await reveal(tenant)).toMatchObject({ status: 200 });
  });

  it('waits out a throttled call', async () => {
    vault.clock.advanceMonotonic(FRESH_SECONDS + 1);
    kms.throttleNext(1);

    expect(await reveal(tenant)).toMatchObject({ status: 200 });
  });

  it('answers in time while KMS hangs', async () => {
    const node = await vault.node({ settings: settings() });
    try {
      kms.behave('slow');
      const cold = { ...tenant, root: node.voice(tenant.token) };

      // More of them than there are connections to the database: none is held meanwhile.
      const waiting = Array.from({ length: 12 }, (_, index) => save(cold, `waiting-${index}`));
      expect(await readiness(node.api.url)).toEqual([200, 'sealed']);
      expect(await cold.root.get(tenant.secrets)).toMatchObject({ status: 200 });
      expect(await reveal(cold)).toMatchObject(SEALED);
      const statuses = (await Promise.all(waiting)).map(({ json }) => (json as Coded).code);
      expect(new Set(statuses)).toEqual(new Set(['secrets.vault_sealed']));
    } finally {
      kms.behave('well');
      await node.close();
    }
  });

  it('reveals nothing that was sealed, or deleted, while the key was waited for', async () => {
    const node = await vault.node({ settings: settings() });
    try {
      expect(await save(tenant, 'two')).toMatchObject({ status: 201 });
      const cold = node.voice(tenant.token);
      kms.behave('slow');
      const calls = kms.calls.length;
      const revealing = cold.get(`${tenant.secrets}/two/value`);
      await eventually(
        () => kms.calls.length,
        (count) => count > calls,
      );
      expect(await tenant.root.post(`${tenant.secrets}/seal`)).toMatchObject({ status: 200 });
      kms.behave('well');

      expect((await revealing).json).toMatchObject({ code: expect.stringMatching(SEALED_EITHER) });
      expect(await cold.get(`${tenant.secrets}/two/value`)).toMatchObject({
        status: 403,
        json: { code: 'secrets.sealed' },
      });
    } finally {
      await node.close();
    }
  });

  it('keeps the master key there too, where the operator keeps none; nodes agree on one', async () => {
    const { database } = vault.world.api;
    const { kms: options } = readConfig(settings());
    if (!options) throw new Error('KMS is not configured.');

    const made = await Promise.all([
      masterKeyByKms(database, options),
      masterKeyByKms(database, options),
    ]);
    const again = await masterKeyByKms(database, options);

    expect(made.map(({ id }) => id.toString('hex'))).toEqual([
      again.id.toString('hex'),
      again.id.toString('hex'),
    ]);
    expect(again).toBeInstanceOf(MasterKey);
    kms.behave('down');
    await expect(masterKeyByKms(database, options)).rejects.toThrow('ECONN');
  });

  it('has the master key follow to another key, so that the old one may go', async () => {
    const { database } = vault.world.api;
    const other = kms.createKey();
    const { kms: options } = readConfig({ ...settings(), AWS_KMS_KEY_ID: other });
    if (!options) throw new Error('KMS is not configured.');
    const before = await masterKeyByKms(database, options);
    const node = await vault.node({ settings: { ...settings(), AWS_KMS_KEY_ID: other } });
    try {
      const rotated = await node
        .voice(vault.world.api.adminToken)
        .post('/v1/platform/vault/rotate');

      expect(rotated).toMatchObject({ status: 200, json: { keyName: other } });
      await eventually(
        () => node.voice(vault.world.api.adminToken).get('/v1/platform/vault'),
        ({ json }) => (json as { rotation: { state: string } }).rotation.state === 'idle',
      );
      kms.scheduleDeletion(arn);

      expect((await masterKeyByKms(database, options)).id).toEqual(before.id);
      expect(await reveal({ ...tenant, root: node.voice(tenant.token) })).toMatchObject({
        status: 200,
      });
    } finally {
      await node.close();
    }
  });
});
