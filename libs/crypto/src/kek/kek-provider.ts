import { SealBroken } from '../sealing-key.js';

/** Who holds a key-encryption key: this process by its master key, or a key service. */
export type KekProviderName = 'local' | 'aws-kms';

/** What is stored of a key-encryption key: never the key itself. */
export interface KeyEncryptionKey {
  /** A UUID, which names the key in everything that it wrapped. */
  readonly id: string;
  readonly provider: KekProviderName;
  /** How the key service names the key: for AWS KMS its ARN. */
  readonly keyName: string | null;
  /** The key, sealed under the master key, where no key service holds it. */
  readonly material: Uint8Array | null;
}

/** What a wrapped key is bound to; for a KMS the encryption context, which its log shows: no secrets. */
export type WrapContext = Readonly<Record<string, string>>;

export const DATA_KEY_BYTES = 32;

/** Makes key-encryption keys, and wraps data keys with them. */
export abstract class KekProvider {
  abstract readonly name: KekProviderName;

  /** A new key-encryption key under an id of the caller's. */
  abstract create(id: string): Promise<KeyEncryptionKey>;

  /** Wraps a key of 32 bytes; who calls zeroises it. */
  abstract wrap(kek: KeyEncryptionKey, key: Uint8Array, context: WrapContext): Promise<Buffer>;

  /** The key of 32 bytes, the caller's to zeroise; `SealBroken` where it is not this key's or context's. */
  abstract unwrap(
    kek: KeyEncryptionKey,
    wrapped: Uint8Array,
    context: WrapContext,
  ): Promise<Buffer>;

  /** Resolves where the service answers; throws `KeyServiceUnreachable` or `KeyServiceRefused`. */
  abstract probe(kek: KeyEncryptionKey | null): Promise<void>;
}

/** The data key, copied; what it was read from is zeroised. */
export function takeDataKey(found: Uint8Array | undefined): Buffer {
  if (found?.length !== DATA_KEY_BYTES) {
    found?.fill(0);
    throw new SealBroken();
  }
  const key = Buffer.alloc(DATA_KEY_BYTES);
  key.set(found);
  found.fill(0);
  return key;
}

/** A shorter key would wrap well, and never unwrap. */
export function refuseUnlessDataKey(key: Uint8Array): void {
  if (key.length !== DATA_KEY_BYTES) throw new Error('A data key has 32 bytes.');
}
