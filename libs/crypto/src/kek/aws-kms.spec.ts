import { execFile } from 'node:child_process';
import { inspect, promisify } from 'node:util';

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

import { FakeKms } from '@tenantry/testing';
import { eventually } from '../../../../test/eventually.js';
import { SealBroken } from '../sealing-key.js';
import { AwsKms, type AwsKmsOptions } from './aws-kms.js';
import type { KeyEncryptionKey } from './kek-provider.js';
import { KeyServiceRefused, KeyServiceUnreachable } from './kek.errors.js';

const ID = '01980000-0000-7000-8000-000000000001';
const KEY = Buffer.alloc(32, 0x5a);
const ACME = { tenant: 'acme', key: 'd1' };
const GLOBEX = { tenant: 'globex', key: 'd1' };
const TYPESCRIPT = new URL('../../../testing/src/typescript.js', import.meta.url).href;

const environment = { ...process.env };
let fake: FakeKms;
let arn: string;

function awsKms(options: Partial<AwsKmsOptions> = {}): AwsKms {
  return new AwsKms({ keyId: arn, endpoint: fake.endpoint, ...options });
}

async function wrapped(kms: AwsKms): Promise<{ kek: KeyEncryptionKey; bytes: Buffer }> {
  const kek = await kms.create(ID);
  return { kek, bytes: await kms.wrap(kek, KEY, ACME) };
}

/** The calls since then, by their operations. */
function attemptsSince(calls: number): readonly string[] {
  return fake.calls.slice(calls).map(({ operation }) => operation);
}

beforeAll(() => {
  Object.assign(process.env, FakeKms.ENVIRONMENT);
});

beforeEach(async () => {
  // The SDK waits for a random part of a second and more between attempts: here for none of it.
  jest.spyOn(Math, 'random').mockReturnValue(0);
  fake = await FakeKms.start();
  arn = fake.createKey({ alias: 'alias/vault' });
});

afterEach(async () => {
  jest.restoreAllMocks();
  await fake.stop();
});

afterAll(() => {
  for (const name of Object.keys(FakeKms.ENVIRONMENT)) {
    if (environment[name] === undefined) Reflect.deleteProperty(process.env, name);
    else process.env[name] = environment[name];
  }
});

describe('AwsKms', () => {
  it('unwraps what it wrapped, and binds the tenant as encryption context', async () => {
    const kms = awsKms();
    const { kek, bytes } = await wrapped(kms);

    expect(kek).toEqual({ id: ID, provider: 'aws-kms', keyName: arn, material: null });
    expect(await kms.unwrap(kek, bytes, ACME)).toEqual(KEY);
    expect(fake.calls).toEqual([
      { operation: 'DescribeKey', keyId: arn, context: {} },
      { operation: 'Encrypt', keyId: arn, context: ACME },
      { operation: 'Decrypt', keyId: arn, context: ACME },
    ]);
  });

  it('stores the ARN of an alias, so that a new target of it breaks nothing', async () => {
    expect(await awsKms({ keyId: 'alias/vault' }).create(ID)).toMatchObject({ keyName: arn });
  });

  it('asks in the region of the ARN, whatever region is configured now', async () => {
    const inIreland = fake.createKey({ region: 'eu-west-1' });
    const stored = await wrapped(awsKms({ keyId: inIreland }));

    expect(stored.kek.keyName).toBe(inIreland);
    expect(await awsKms({ region: 'us-east-1' }).unwrap(stored.kek, stored.bytes, ACME)).toEqual(
      KEY,
    );
  });

  it('asks in the configured region where the key is an alias', async () => {
    const inOhio = fake.createKey({ region: 'us-east-2', alias: 'alias/ohio' });
    const kms = awsKms({ keyId: 'alias/ohio', region: 'us-east-2' });

    expect(await kms.create(ID)).toMatchObject({ keyName: inOhio });
  });

  it('probes with a key by using it, and without one by looking at it', async () => {
    const kms = awsKms();
    await kms.probe(null);
    await kms.probe(await kms.create(ID));

    expect(fake.calls.slice(2)).toEqual([
      { operation: 'Encrypt', keyId: arn, context: { purpose: 'probe' } },
    ]);
  });

  it("refuses a wrapped key that was moved to another tenant's context", async () => {
    const kms = awsKms();
    const { kek, bytes } = await wrapped(kms);

    await expect(kms.unwrap(kek, bytes, GLOBEX)).rejects.toThrow(SealBroken);
  });

  it('refuses a ciphertext of another key that it may use as well', async () => {
    const kms = awsKms();
    const { kek } = await wrapped(kms);
    const other = await wrapped(awsKms({ keyId: fake.createKey() }));

    await expect(kms.unwrap(kek, other.bytes, ACME)).rejects.toThrow(SealBroken);
  });

  it('refuses a damaged ciphertext, an empty and an oversized one', async () => {
    const kms = awsKms();
    const { kek, bytes } = await wrapped(kms);
    const calls = fake.calls.length;
    bytes.set([(bytes.at(-1) ?? 0) ^ 1], bytes.length - 1);

    await expect(kms.unwrap(kek, bytes, ACME)).rejects.toThrow(SealBroken);
    await expect(kms.unwrap(kek, Buffer.alloc(0), ACME)).rejects.toThrow(SealBroken);
    await expect(kms.unwrap(kek, Buffer.alloc(6_145), ACME)).rejects.toThrow(SealBroken);
    expect(attemptsSince(calls)).toEqual(['Decrypt']);
  });

  it('tries again when it is throttled twice', async () => {
    const kms = awsKms();
    const { kek, bytes } = await wrapped(kms);
    const calls = fake.calls.length;
    fake.throttleNext(2);

    expect(await kms.unwrap(kek, bytes, ACME)).toEqual(KEY);
    expect(attemptsSince(calls)).toEqual(['Decrypt', 'Decrypt', 'Decrypt']);
  });

  it.each([
    [
      'is throttled for good',
      () => {
        fake.throttleNext(99);
      },
      'ThrottlingException, status 400',
    ],
    [
      'meets an internal error',
      () => {
        fake.behave('internal-error');
      },
      'KMSInternalException, status 500',
    ],
    [
      'has its connections reset',
      () => {
        fake.behave('down');
      },
      'ECONNRESET',
    ],
  ])(
    'gives up after three attempts when it %s, and is well again after it',
    async (_, fall, told) => {
      const kms = awsKms();
      const { kek, bytes } = await wrapped(kms);
      const calls = fake.calls.length;
      fall();

      const error = await kms.unwrap(kek, bytes, ACME).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(KeyServiceUnreachable);
      expect(String(error)).toContain(told);
      expect(attemptsSince(calls)).toEqual(['Decrypt', 'Decrypt', 'Decrypt']);

      fake.behave('well');
      fake.throttleNext(0);
      expect(await kms.unwrap(kek, bytes, ACME)).toEqual(KEY);
    },
  );

  it('gives up when the service hangs longer than the call may take', async () => {
    const { kek, bytes } = await wrapped(awsKms());
    fake.behave('slow');

    await expect(awsKms({ timeoutMs: 200 }).unwrap(kek, bytes, ACME)).rejects.toThrow(
      'The key service cannot be reached: TimeoutError.',
    );
  });

  it('asks anew where one request of a call hangs', async () => {
    const kms = awsKms({ timeoutMs: 30_000 });
    const { kek, bytes } = await wrapped(kms);
    const calls = fake.calls.length;
    fake.behave('slow');
    const unwrapping = kms.unwrap(kek, bytes, ACME);
    await eventually(
      () => attemptsSince(calls).length,
      (attempts) => attempts === 2,
      { pauseMs: 50 },
    );
    fake.behave('well');

    expect(await unwrapping).toEqual(KEY);
  });

  it('is out of reach where nobody listens', async () => {
    const kms = awsKms();
    await fake.stop();

    await expect(kms.probe(null)).rejects.toThrow(KeyServiceUnreachable);
  });

  it.each([
    [
      'is disabled',
      () => {
        fake.disable(arn);
      },
      'DisabledException, status 409',
    ],
    [
      'is to be deleted',
      () => {
        fake.scheduleDeletion(arn);
      },
      'KMSInvalidStateException, status 409',
    ],
    [
      'may not be used',
      () => {
        fake.deny();
      },
      'AccessDeniedException, status 400',
    ],
  ])('is refused at once when the key %s, and works again when it may', async (_, fall, told) => {
    const kms = awsKms();
    const { kek, bytes } = await wrapped(kms);
    const calls = fake.calls.length;
    fall();

    const error = await kms.unwrap(kek, bytes, ACME).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(KeyServiceRefused);
    expect(String(error)).toContain(told);
    expect(attemptsSince(calls)).toEqual(['Decrypt']);
    await expect(kms.probe(kek)).rejects.toThrow(KeyServiceRefused);
    await expect(kms.create(ID)).rejects.toThrow(KeyServiceRefused);

    fake.enable(arn);
    fake.allow();
    expect(await kms.unwrap(kek, bytes, ACME)).toEqual(KEY);
  });

  it.each([
    ['an unknown key', () => 'alias/nothing'],
    ['a key that signs', () => fake.createKey({ usage: 'SIGN_VERIFY' })],
    ['an asymmetric key, which binds no context', () => fake.createKey({ spec: 'RSA_2048' })],
    [
      'a key that is disabled',
      () => {
        fake.disable(arn);
        return arn;
      },
    ],
    ['no key', () => null],
  ])('takes no new key-encryption key from %s', async (_, keyId) => {
    const kms = awsKms({ keyId: keyId() });

    await expect(kms.create(ID)).rejects.toThrow(KeyServiceRefused);
    await expect(kms.probe(null)).rejects.toThrow(KeyServiceRefused);
  });

  it('still unwraps with stored keys where none is configured for new ones', async () => {
    const { kek, bytes } = await wrapped(awsKms());

    expect(await awsKms({ keyId: null }).unwrap(kek, bytes, ACME)).toEqual(KEY);
  });

  it('refuses a key-encryption key of another provider, and data keys of another length', async () => {
    const kms = awsKms();
    const { kek } = await wrapped(kms);
    const calls = fake.calls.length;

    await expect(kms.wrap({ ...kek, provider: 'local' }, KEY, ACME)).rejects.toThrow(
      KeyServiceRefused,
    );
    await expect(kms.wrap({ ...kek, keyName: null }, KEY, ACME)).rejects.toThrow(KeyServiceRefused);
    await expect(kms.wrap(kek, KEY.subarray(1), ACME)).rejects.toThrow('A data key has 32 bytes');
    expect(attemptsSince(calls)).toEqual([]);
  });

  it('is refused without credentials', async () => {
    Reflect.deleteProperty(process.env, 'AWS_SECRET_ACCESS_KEY');
    try {
      await expect(awsKms().probe(null)).rejects.toThrow(
        'The key service refuses: CredentialsProviderError.',
      );
      expect(fake.calls).toEqual([]);
    } finally {
      Object.assign(process.env, FakeKms.ENVIRONMENT);
    }
  });

  it.each([
    [
      'a refusal',
      () => {
        fake.deny();
      },
    ],
    [
      'an internal error',
      () => {
        fake.behave('internal-error');
      },
    ],
    [
      'a reset',
      () => {
        fake.behave('down');
      },
    ],
    [
      'a hang',
      () => {
        fake.behave('slow');
      },
    ],
    [
      'an answer that breaks off after the key',
      () => {
        fake.behave('garbled');
      },
    ],
  ])('tells nothing of key, ciphertext or credentials in the errors of %s', async (_, fall) => {
    const kms = awsKms({ timeoutMs: 500 });
    const { kek, bytes } = await wrapped(kms);
    fall();

    for (const call of [kms.wrap(kek, KEY, ACME), kms.unwrap(kek, bytes, ACME)]) {
      const error = await call.catch((reason: unknown) => reason);
      const shown = inspect(error, { depth: 10, showHidden: true });
      expect(shown).toMatch(/KeyService(Unreachable|Refused)/);
      for (const canary of [
        KEY.toString('base64').slice(0, 8),
        'ZZZZ',
        '5a 5a 5a',
        '90, 90, 90',
        bytes.toString('base64').slice(0, 12),
        FakeKms.ENVIRONMENT.AWS_ACCESS_KEY_ID,
        FakeKms.ENVIRONMENT.AWS_SECRET_ACCESS_KEY,
        'AWS4-HMAC',
      ]) {
        expect(shown).not.toContain(canary);
      }
    }
  });

  it('loads the SDK when it is first wanted, and not before', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import { AwsKms } from '@tenantry/crypto';
      const { cache } = createRequire(import.meta.url);
      const isLoaded = () => Object.keys(cache).some((path) => path.includes('@aws-sdk'));
      const kms = new AwsKms({ keyId: 'alias/vault', region: 'eu-west-1', timeoutMs: 1 });
      const before = isLoaded();
      await kms.probe(null).catch(() => undefined);
      console.log(before, isLoaded());
      process.exit();
    `;
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--import', TYPESCRIPT, '--input-type=module', '--eval', script],
      { cwd: new URL('.', import.meta.url) },
    );

    expect(stdout).toBe('false true\n');
  });
});
