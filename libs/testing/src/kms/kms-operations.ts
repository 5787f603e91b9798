import { type EncryptionContext, type KmsKeys } from './kms-keys.js';
import { REFUSALS } from './kms-refusal.js';
import { isRecord, type KmsRequest } from './kms-request.js';

const PLAINTEXT_BYTES_MAX = 4_096;
const CIPHERTEXT_BYTES_MAX = 6_144;
const ALGORITHM = 'SYMMETRIC_DEFAULT';
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Answer = Readonly<Record<string, unknown>>;

/** What KMS answers to a request that is well-formed. */
export function answerOf(keys: KmsKeys, request: KmsRequest): Answer {
  switch (request.operation) {
    case 'DescribeKey':
      return { KeyMetadata: keys.describe(wanted(request, 'KeyId')) };
    case 'Encrypt':
      return encrypt(keys, request);
    case 'Decrypt':
      return decrypt(keys, request);
    case 'ReEncrypt':
      return reEncrypt(keys, request);
  }
}

/** The encryption context that a request names first: of what it opens, or else of what it makes. */
export function contextOf({ operation, input }: KmsRequest): EncryptionContext {
  return context(
    input[operation === 'ReEncrypt' ? 'SourceEncryptionContext' : 'EncryptionContext'],
  );
}

function encrypt(keys: KmsKeys, request: KmsRequest): Answer {
  const { input } = request;
  const plaintext = blob(input['Plaintext'], 'plaintext', PLAINTEXT_BYTES_MAX);
  const sealed = keys.encrypt(wanted(request, 'KeyId'), plaintext, contextOf(request));
  return {
    CiphertextBlob: sealed.ciphertext.toString('base64'),
    KeyId: sealed.arn,
    EncryptionAlgorithm: ALGORITHM,
  };
}

function decrypt(keys: KmsKeys, request: KmsRequest): Answer {
  const opened = open(keys, request, 'KeyId');
  return {
    KeyId: opened.arn,
    Plaintext: opened.plaintext.toString('base64'),
    EncryptionAlgorithm: ALGORITHM,
  };
}

function reEncrypt(keys: KmsKeys, request: KmsRequest): Answer {
  const opened = open(keys, request, 'SourceKeyId');
  const sealed = keys.encrypt(
    wanted(request, 'DestinationKeyId'),
    opened.plaintext,
    context(request.input['DestinationEncryptionContext']),
  );
  return {
    CiphertextBlob: sealed.ciphertext.toString('base64'),
    SourceKeyId: opened.arn,
    KeyId: sealed.arn,
    SourceEncryptionAlgorithm: ALGORITHM,
    DestinationEncryptionAlgorithm: ALGORITHM,
  };
}

function open(keys: KmsKeys, request: KmsRequest, field: string): ReturnType<KmsKeys['decrypt']> {
  const ciphertext = blob(request.input['CiphertextBlob'], 'ciphertextBlob', CIPHERTEXT_BYTES_MAX);
  const { region } = request;
  const key = request.input[field] === undefined ? { region } : wanted(request, field);
  return keys.decrypt(key, ciphertext, contextOf(request));
}

function wanted({ input, region }: KmsRequest, field: string): { keyId: string; region: string } {
  const keyId = input[field];
  if (typeof keyId !== 'string' || keyId === '') {
    throw REFUSALS.validation(`Value at '${field}' must not be null`);
  }
  return { keyId, region };
}

function blob(value: unknown, field: string, bytesMax: number): Buffer {
  if (typeof value !== 'string' || !BASE64.test(value)) throw REFUSALS.serialization();
  const bytes = Buffer.from(value, 'base64');
  if (bytes.length < 1 || bytes.length > bytesMax) {
    throw REFUSALS.validation(`Value at '${field}' must have a length from 1 to ${bytesMax}`);
  }
  return bytes;
}

function context(value: unknown): EncryptionContext {
  if (value === undefined || value === null) return {};
  if (!isRecord(value)) throw REFUSALS.serialization();
  return Object.fromEntries(
    Object.entries(value).map(([name, text]) => {
      if (typeof text !== 'string') throw REFUSALS.serialization();
      return [name, text];
    }),
  );
}
