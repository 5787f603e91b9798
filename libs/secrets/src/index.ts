// What tenants keep secret: saved as versions, sealed under a key of each tenant's own, revealed to
// services alone, and gone for good when that key is.
export { SecretCensus } from './census.js';
export { KeyService } from './keys/key-service.js';
export { VaultHealth } from './keys/vault-health.js';
export { masterKeyByKms } from './keys/wrapped-master-key.js';
export { RevealCounts } from './reveal/reveal-counts.js';
export { SecretsModule } from './secrets.module.js';
