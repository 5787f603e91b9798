// What specs share: databases, time, callers, an identity provider. Imported by specs alone.
export { aTenant, scopeOf, type TestTenant } from './builders.js';
export { ATTACKS, CROSS_TENANT } from './idp/attacks/attacks.js';
export {
  type Attack,
  type AttackWorld,
  closeAttackWorld,
  startAttackWorld,
} from './idp/attacks/attack-world.js';
export { SIGN_IN_CLIENT } from './idp/browser-login.js';
export { craftToken } from './idp/crafted-token.js';
export { IdentityProvider, type IdentityProviderOptions } from './idp/identity-provider.js';
export { newSigningKey, type SigningKey } from './idp/signing-key.js';
export { FakeKms } from './kms/fake-kms.js';
export { TestClock } from './test-clock.js';
export {
  createTestDatabase,
  type DatabaseCopy,
  openDatabase,
  openTestDatabase,
  rowLevelSecurityIsOn,
  TEST_ROLES,
  type TestDatabase,
} from './test-database.js';
export { PRISMA_DIR, UNPOLICED_ROLES } from './test-server.js';
