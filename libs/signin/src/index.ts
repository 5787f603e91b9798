// How a credential becomes a token of ours: the built-in issuer, its keys, its clients.
export { OwnIssuer } from './own-issuer.js';
export { PlatformAccounts } from './accounts/platform-accounts.js';
export { SigninModule } from './signin.module.js';
