// The only code that knows AES-GCM, and the only code that holds the master key.
export { KeyedDigest } from './keyed-digest.js';
export { MasterKey, masterKeyOfDirectory, MasterKeyUnreadable } from './master-key.js';
export { SealBroken, Sealer } from './sealer.js';
export { isSecretText, newSecretText } from './secret-text.js';
