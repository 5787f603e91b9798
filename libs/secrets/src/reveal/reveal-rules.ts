import type { DomainError } from '@tenantry/kernel';
import type { StoredDataKey } from '../keys/data-keys.js';
import type { Encoding } from '../secret.js';
import {
  RevealTooLarge,
  SecretConsentMissing,
  SecretDestroyed,
  SecretExpired,
  SecretNotFound,
  SecretVersionNotFound,
  VaultSealedByTenant,
} from '../secrets.errors.js';
import type { Asked } from './reveal-lookup.js';

/** A value with everything that opens it. */
export interface Openable {
  readonly name: string;
  readonly secretId: string;
  readonly version: number;
  readonly encoding: Encoding;
  readonly sealed: Uint8Array;
  readonly key: StoredDataKey;
}

/**
 * Why this value is not to be revealed now; null: nothing stands against it. What the asking service
 * may know comes first: without consent it does not learn whether there is such a secret.
 */
export function refusalOf(asked: Asked, now: Date, pointer?: string): DomainError | null {
  const { id, version, isVaultSealed, isConsented, isTooMuch } = asked;
  if (!isConsented) return new SecretConsentMissing();
  if (isVaultSealed) return new VaultSealedByTenant();
  if (id === null) return new SecretNotFound(pointer);
  if (!version) return new SecretVersionNotFound();
  if (isTooMuch) return new RevealTooLarge();
  if (!version.sealed || !version.wrapped) return new SecretDestroyed();
  if (version.expiresAt && version.expiresAt <= now) return new SecretExpired();
  return null;
}

/** What `refusalOf` has nothing against, with the types that say so. */
export function openable({ name, id, version }: Asked): Openable {
  if (id === null || !version?.sealed || !version.wrapped) {
    throw new Error('A value is opened that was never asked about.');
  }
  const { encoding, sealed, keyId, kekId, wrapped } = version;
  return {
    ...{ name, secretId: id, version: version.version, encoding, sealed },
    key: { id: keyId, kekId, wrapped },
  };
}
