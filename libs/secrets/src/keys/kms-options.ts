import type { AppConfig } from '@tenantry/config';
import type { AwsKmsOptions } from '@tenantry/crypto';

/** How AWS KMS is reached; without settings, as the key's own name and the SDK say. */
export function kmsOptionsOf(kms: AppConfig['kms']): AwsKmsOptions {
  if (!kms) return { keyId: null };
  const { keyId, region, endpoint } = kms;
  return {
    keyId,
    ...(region === null ? {} : { region }),
    ...(endpoint === null ? {} : { endpoint }),
  };
}
