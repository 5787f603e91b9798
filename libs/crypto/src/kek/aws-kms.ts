import type { KeyMetadata, KMS } from '@aws-sdk/client-kms';

import { keyIdBytes, SealBroken } from '../sealing-key.js';
import {
  DATA_KEY_BYTES,
  KekProvider,
  type KeyEncryptionKey,
  refuseUnlessDataKey,
  takeDataKey,
  type WrapContext,
} from './kek-provider.js';
import { KeyServiceRefused, KeyServiceUnreachable } from './kek.errors.js';
import { KmsClients, regionOfArn } from './kms-clients.js';
import { keyServiceError } from './kms-failure.js';
import { within } from './within.js';

const TIMEOUT_MS = 5_000;
/** What KMS takes for a ciphertext; it would answer anything longer with a malformed request. */
const CIPHERTEXT_BYTES_MAX = 6_144;
const PROBE_CONTEXT: WrapContext = { purpose: 'probe' };

/** Which key of AWS KMS new key-encryption keys are, and how KMS is reached. */
export interface AwsKmsOptions {
  /** An ARN, an id or an alias; null where keys of KMS are only read. */
  readonly keyId: string | null;
  /** Where `keyId` is, unless it is an ARN and says so itself. */
  readonly region?: string;
  /** Instead of the region's public one. */
  readonly endpoint?: string;
  /** For one call with all its retries. */
  readonly timeoutMs?: number;
}

interface KmsCall {
  readonly kms: KMS;
  readonly options: { readonly abortSignal: AbortSignal };
}

/** Key-encryption keys that never leave AWS KMS; its log shows every use with its context. */
export class AwsKms extends KekProvider {
  readonly name = 'aws-kms';
  readonly #options: AwsKmsOptions;
  readonly #clients: KmsClients;

  constructor(options: AwsKmsOptions) {
    super();
    this.#options = options;
    this.#clients = new KmsClients(options.endpoint);
  }

  /** Takes the configured key for a new id: what is stored names it by its ARN, whatever an alias becomes. */
  async create(id: string): Promise<KeyEncryptionKey> {
    keyIdBytes(id);
    const keyName = await this.#describe();
    return { id, provider: this.name, keyName, material: null };
  }

  async wrap(kek: KeyEncryptionKey, key: Uint8Array, context: WrapContext): Promise<Buffer> {
    refuseUnlessDataKey(key);
    const keyId = this.#keyNameOf(kek);
    const input = { KeyId: keyId, Plaintext: key, EncryptionContext: context };
    const answer = await this.#ask(regionOfArn(keyId), ({ kms, options }) =>
      kms.encrypt(input, options),
    );
    if (!answer.CiphertextBlob)
      throw new KeyServiceUnreachable('The key service answered nothing.');
    return Buffer.from(answer.CiphertextBlob);
  }

  async unwrap(kek: KeyEncryptionKey, wrapped: Uint8Array, context: WrapContext): Promise<Buffer> {
    if (wrapped.length === 0 || wrapped.length > CIPHERTEXT_BYTES_MAX) throw new SealBroken();
    const keyId = this.#keyNameOf(kek);
    // With the key named, KMS refuses a ciphertext of another, even one that we may use.
    const input = { KeyId: keyId, CiphertextBlob: wrapped, EncryptionContext: context };
    const answer = await this.#ask(regionOfArn(keyId), ({ kms, options }) =>
      kms.decrypt(input, options),
    );
    return takeDataKey(answer.Plaintext);
  }

  async probe(kek: KeyEncryptionKey | null): Promise<void> {
    if (kek) await this.wrap(kek, new Uint8Array(DATA_KEY_BYTES), PROBE_CONTEXT);
    else await this.#describe();
  }

  /** The ARN of the configured key, if it is one that can wrap. */
  async #describe(): Promise<string> {
    const { keyId, region } = this.#options;
    if (keyId === null) throw new KeyServiceRefused('No key of AWS KMS is configured.');
    const { KeyMetadata: key } = await this.#ask(regionOfArn(keyId) ?? region, ({ kms, options }) =>
      kms.describeKey({ KeyId: keyId }, options),
    );
    if (!key?.Arn || !canWrap(key)) {
      throw new KeyServiceRefused(
        'The configured key of AWS KMS is not an enabled symmetric key for encryption.',
      );
    }
    return key.Arn;
  }

  #keyNameOf({ provider, keyName }: KeyEncryptionKey): string {
    if (provider !== this.name || keyName === null) {
      throw new KeyServiceRefused('This key-encryption key is not one of AWS KMS.');
    }
    return keyName;
  }

  /** One call with its retries, in the time that it has; fails with an error of ours. */
  async #ask<Answer>(
    arnRegion: string | undefined,
    call: (call: KmsCall) => Promise<Answer>,
  ): Promise<Answer> {
    try {
      const kms = await this.#clients.of(arnRegion ?? this.#options.region);
      return await within(this.#options.timeoutMs ?? TIMEOUT_MS, (abortSignal) =>
        call({ kms, options: { abortSignal } }),
      );
    } catch (error) {
      throw keyServiceError(error);
    }
  }
}

/** Only symmetric keys bind a context; an asymmetric one for encryption would take it and refuse later. */
function canWrap({ KeyUsage, KeyState, KeySpec }: KeyMetadata): boolean {
  return (
    KeyUsage === 'ENCRYPT_DECRYPT' && KeyState === 'Enabled' && KeySpec === 'SYMMETRIC_DEFAULT'
  );
}
