import { randomBytes, randomUUID } from 'node:crypto';

import { keyIdBytes, SealBroken, SealingKey } from '@tenantry/crypto';
import { REFUSALS } from './kms-refusal.js';

const ACCOUNT = '111122223333';
const KEY_ID_AT = 1;
const KEY_ID_BYTES = 16;

/** What a key of the fake is like; by default one that encrypts, in Frankfurt, without an alias. */
export interface KmsKeyOptions {
  /** `alias/…` */
  readonly alias?: string;
  readonly region?: string;
  readonly usage?: 'ENCRYPT_DECRYPT' | 'SIGN_VERIFY';
  readonly spec?: 'SYMMETRIC_DEFAULT' | 'RSA_2048';
}

/** Of a key that is wanted: by id, ARN or alias, and from the region whose endpoint is asked. */
export interface KeyWanted {
  readonly keyId: string;
  readonly region: string;
}

export type EncryptionContext = Readonly<Record<string, string>>;
type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

interface KmsKey extends Required<Omit<KmsKeyOptions, 'alias'>> {
  readonly id: string;
  readonly arn: string;
  readonly alias: string | null;
  readonly sealing: SealingKey;
  state: KeyState;
}

/** The keys that a fake KMS holds; they outlive every outage of it. */
export class KmsKeys {
  readonly #keys: KmsKey[] = [];

  create(options: KmsKeyOptions): string {
    const { alias = null, region = 'eu-central-1' } = options;
    const { usage = 'ENCRYPT_DECRYPT', spec = 'SYMMETRIC_DEFAULT' } = options;
    const id = randomUUID();
    const arn = `arn:aws:kms:${region}:${ACCOUNT}:key/${id}`;
    const sealing = new SealingKey(randomBytes(32), keyIdBytes(id));
    this.#keys.push({ id, arn, alias, region, usage, spec, sealing, state: 'Enabled' });
    return arn;
  }

  setState(arn: string, state: KeyState): void {
    const key = this.#keys.find((each) => each.arn === arn);
    if (!key) throw new Error('There is no such key');
    key.state = state;
  }

  describe(wanted: KeyWanted): Readonly<Record<string, unknown>> {
    const { id, arn, usage, spec, state } = this.#find(wanted);
    return {
      AWSAccountId: ACCOUNT,
      KeyId: id,
      Arn: arn,
      CreationDate: 1_760_000_000.123,
      Enabled: state === 'Enabled',
      Description: '',
      KeyUsage: usage,
      KeyState: state,
      Origin: 'AWS_KMS',
      KeyManager: 'CUSTOMER',
      KeySpec: spec,
      CustomerMasterKeySpec: spec,
      EncryptionAlgorithms: [spec === 'RSA_2048' ? 'RSAES_OAEP_SHA_256' : spec],
      MultiRegion: false,
    };
  }

  encrypt(wanted: KeyWanted, plaintext: Buffer, context: EncryptionContext): Sealed {
    const key = this.#findUsable(wanted);
    return { arn: key.arn, ciphertext: key.sealing.seal(plaintext, textOf(context)) };
  }

  /** Without a key id KMS takes the key that the ciphertext names. */
  decrypt(
    { keyId, region }: Partial<KeyWanted> & { readonly region: string },
    ciphertext: Buffer,
    context: EncryptionContext,
  ): Opened {
    const named = this.#keys.find(({ id }) => keyIdBytes(id).equals(keyIdOf(ciphertext)));
    if (keyId === undefined && !named) throw REFUSALS.invalidCiphertext();
    const key = this.#findUsable({ keyId: keyId ?? named?.arn ?? '', region });
    if (!named) throw REFUSALS.invalidCiphertext();
    if (named !== key) throw REFUSALS.incorrectKey();
    return { arn: key.arn, plaintext: opened(key.sealing, ciphertext, context) };
  }

  #find({ keyId, region }: KeyWanted): KmsKey {
    const key = this.#keys.find(
      (each) => each.region === region && [each.arn, each.id, each.alias].includes(keyId),
    );
    if (!key) throw REFUSALS.notFound(keyId);
    return key;
  }

  #findUsable(wanted: KeyWanted): KmsKey {
    const key = this.#find(wanted);
    if (key.state === 'Disabled') throw REFUSALS.disabled(key.arn);
    if (key.state === 'PendingDeletion') throw REFUSALS.invalidState(key.arn);
    if (key.usage !== 'ENCRYPT_DECRYPT') throw REFUSALS.invalidUsage(key.arn);
    return key;
  }
}

interface Sealed {
  readonly arn: string;
  readonly ciphertext: Buffer;
}

interface Opened {
  readonly arn: string;
  readonly plaintext: Buffer;
}

function opened(key: SealingKey, ciphertext: Buffer, context: EncryptionContext): Buffer {
  try {
    return key.open(ciphertext, textOf(context));
  } catch (error) {
    throw error instanceof SealBroken ? REFUSALS.invalidCiphertext() : error;
  }
}

/** A ciphertext names its key in the open, as those of KMS do. */
function keyIdOf(ciphertext: Buffer): Buffer {
  return ciphertext.subarray(KEY_ID_AT, KEY_ID_AT + KEY_ID_BYTES);
}

function textOf(context: EncryptionContext): string {
  return JSON.stringify(Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1)));
}
