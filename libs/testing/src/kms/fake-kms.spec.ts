import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { FakeKms } from './fake-kms.js';
import { isRecord } from './kms-request.js';

const KEY = 'WlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlpaWlo=';
const ACME = { tenant: 'acme' };
const GLOBEX = { tenant: 'globex' };

let fake: FakeKms;
let arn: string;

type Headers = Readonly<Record<string, string>>;
type Answer = Readonly<Record<string, unknown>>;

function signed(now = new Date()): Headers {
  const date = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  return {
    'Content-Type': 'application/x-amz-json-1.1',
    'X-Amz-Date': date,
    Authorization:
      `AWS4-HMAC-SHA256 Credential=AKIA/${date.slice(0, 8)}/eu-central-1/kms/aws4_request, ` +
      `SignedHeaders=host;x-amz-date;x-amz-target, Signature=${'0'.repeat(64)}`,
  };
}

async function ask(operation: string, input: object, headers: Headers = {}): Promise<Answer> {
  const response = await fetch(fake.endpoint, {
    method: 'POST',
    headers: { ...signed(), 'X-Amz-Target': `TrentService.${operation}`, ...headers },
    body: JSON.stringify(input),
  });
  expect(response.headers.get('x-amzn-requestid')).toMatch(/^[0-9a-f-]{36}$/);
  const body: unknown = await response.json();
  if (!isRecord(body)) throw new Error('The answer is no object');
  return response.ok ? body : { status: response.status, ...body };
}

async function encrypted(keyId: string): Promise<unknown> {
  const input = { KeyId: keyId, Plaintext: KEY, EncryptionContext: ACME };
  const answer = await ask('Encrypt', input);
  expect(answer).toMatchObject({ KeyId: keyId, EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' });
  return answer['CiphertextBlob'];
}

beforeEach(async () => {
  fake = await FakeKms.start();
  arn = fake.createKey();
});

afterEach(async () => {
  await fake.stop();
});

describe('FakeKms', () => {
  it('re-encrypts under another key and context, after which the first opens nothing', async () => {
    const next = fake.createKey();
    const answer = await ask('ReEncrypt', {
      CiphertextBlob: await encrypted(arn),
      SourceEncryptionContext: ACME,
      DestinationKeyId: next,
      DestinationEncryptionContext: GLOBEX,
    });
    const moved = answer['CiphertextBlob'];

    expect(answer).toMatchObject({ SourceKeyId: arn, KeyId: next });
    expect(await ask('Decrypt', { CiphertextBlob: moved, EncryptionContext: GLOBEX })).toEqual({
      KeyId: next,
      Plaintext: KEY,
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT',
    });
    expect(
      await ask('Decrypt', { KeyId: arn, CiphertextBlob: moved, EncryptionContext: GLOBEX }),
    ).toMatchObject({ status: 400, __type: 'IncorrectKeyException' });
    expect(await ask('Decrypt', { CiphertextBlob: moved, EncryptionContext: ACME })).toEqual({
      status: 400,
      __type: 'InvalidCiphertextException',
    });
  });

  it.each([
    ['no signature', { Authorization: '' }, 'IncompleteSignature'],
    ['a signature of another kind', { Authorization: 'Bearer tnt_1' }, 'IncompleteSignature'],
    [
      'a date other than the signed one',
      { 'X-Amz-Date': '20200101T000000Z' },
      'IncompleteSignature',
    ],
    ['an old signature', signed(new Date(0)), 'RequestExpired'],
    ['another content type', { 'Content-Type': 'application/json' }, 'SerializationException'],
    ['another service', { 'X-Amz-Target': 'AnyService.Encrypt' }, 'UnknownOperationException'],
    ['an operation of no KMS', { 'X-Amz-Target': 'TrentService.Eat' }, 'UnknownOperationException'],
  ])('refuses a request with %s', async (_, headers, type) => {
    expect(await ask('DescribeKey', { KeyId: arn }, headers)).toMatchObject({ __type: type });
    expect(fake.calls).toEqual([]);
  });

  it.each([
    ['no key', { Plaintext: KEY }, 'ValidationException'],
    ['no plaintext', { KeyId: '', Plaintext: '' }, 'ValidationException'],
    ['4,097 bytes', { Plaintext: Buffer.alloc(4_097).toString('base64') }, 'ValidationException'],
    ['what is no base64', { Plaintext: 'hunter2' }, 'SerializationException'],
    [
      'a number as context',
      { Plaintext: KEY, EncryptionContext: { a: 1 } },
      'SerializationException',
    ],
  ])('refuses to encrypt %s', async (_, input, type) => {
    expect(await ask('Encrypt', input)).toMatchObject({ status: 400, __type: type });
  });

  it('knows a key in its own region alone', async () => {
    const elsewhere = fake.createKey({ region: 'eu-west-1' });

    expect(await ask('DescribeKey', { KeyId: elsewhere })).toMatchObject({
      status: 404,
      __type: 'NotFoundException',
    });
    expect(await ask('DescribeKey', { KeyId: arn })).toMatchObject({
      KeyMetadata: { Arn: arn, KeyState: 'Enabled', KeySpec: 'SYMMETRIC_DEFAULT' },
    });
  });

  it('resets connections while it is down, and is at the same port with the same keys after it', async () => {
    const { endpoint } = fake;
    const ciphertext = await encrypted(arn);
    fake.behave('down');
    await expect(ask('DescribeKey', { KeyId: arn })).rejects.toThrow('fetch failed');
    fake.behave('well');

    expect(fake.endpoint).toBe(endpoint);
    expect(
      await ask('Decrypt', { CiphertextBlob: ciphertext, EncryptionContext: ACME }),
    ).toMatchObject({ Plaintext: KEY });
  });

  it('tells who called for what, and never what was to be encrypted', async () => {
    await encrypted(arn);

    expect(fake.calls).toEqual([{ operation: 'Encrypt', keyId: arn, context: ACME }]);
  });
});
