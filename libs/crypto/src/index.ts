// The only code that knows AES-GCM, and the only code that holds the master key.
export { AwsKms, type AwsKmsOptions } from './kek/aws-kms.js';
export {
  KekProvider,
  type KekProviderName,
  type KeyEncryptionKey,
  type WrapContext,
} from './kek/kek-provider.js';
export { KeyServiceRefused, KeyServiceUnreachable } from './kek/kek.errors.js';
export { LocalKek } from './kek/local-kek.js';
export { KeyedDigest } from './keyed-digest.js';
export {
  MasterKey,
  masterKeyOfDirectory,
  masterKeyOfFile,
  MasterKeyUnreadable,
} from './master-key.js';
export { Sealer } from './sealer.js';
export { KeyDestroyed, keyIdBytes, SealBroken, SealingKey } from './sealing-key.js';
export { isSecretText, newSecretText } from './secret-text.js';
