// How a credential becomes a token of ours: the built-in issuer, its keys, its clients.
export { OwnIssuer } from './own-issuer.js';
export { FirstAdmins, type GeneratedAdmins } from './accounts/first-admins.js';
export { PlatformAdmissions } from './accounts/platform-admissions.js';
export { PlatformAccounts } from './accounts/platform-accounts.js';
export { KeyAttestation } from './keys/key-attestation.js';
export { Sessions } from './sessions/sessions.js';
export { SigninModule } from './signin.module.js';
export { PeopleRegistry } from './people/people-registry.js';
