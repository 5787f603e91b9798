import { Module } from '@nestjs/common';

import { ThrottleModule } from '@tenantry/access';
import { AuditModule } from '@tenantry/audit';
import { MasterKey } from '@tenantry/crypto';
import { AccountController } from './account/account.controller.js';
import { AccountHolders } from './account/account-holders.js';
import { OwnSecondFactor } from './account/own-second-factor.js';
import { OwnSessions } from './account/own-sessions.js';
import { SecondFactorController } from './account/second-factor.controller.js';
import { ClientSecrets } from './accounts/client-secrets.js';
import { FirstAdmins } from './accounts/first-admins.js';
import { PlatformAccounts } from './accounts/platform-accounts.js';
import { PlatformAdminsController } from './accounts/platform-admins.controller.js';
import { PlatformAdminsRepository } from './accounts/platform-admins.repository.js';
import { PlatformAdminsService } from './accounts/platform-admins.service.js';
import { PlatformAdmissions } from './accounts/platform-admissions.js';
import { PlatformInvitations } from './accounts/platform-invitations.js';
import { KeyAttestation } from './keys/key-attestation.js';
import { KeyRing } from './keys/key-ring.js';
import { Attempts } from './login/attempts.js';
import { Background } from './login/background.js';
import { CodeGuesses } from './login/code-guesses.js';
import { LoginController } from './login/login.controller.js';
import { Logins } from './login/logins.js';
import { Logouts } from './login/logouts.js';
import { NewPasswords } from './login/new-passwords.js';
import { PasswordChanges } from './login/password-changes.js';
import { PasswordResets } from './login/password-resets.js';
import { PasswordsController } from './login/passwords.controller.js';
import { PersonProof } from './login/person-proof.js';
import { PreviousSessions } from './login/previous-sessions.js';
import { ResetTokens } from './login/reset-tokens.js';
import { SecondFactors } from './login/second-factors.js';
import { SessionOpening } from './login/session-opening.js';
import { SigninRecords } from './login/signin-records.js';
import { SuccessThrottle } from './login/success-throttle.js';
import { TenantChoice } from './login/tenant-choice.js';
import { MeController } from './me/me.controller.js';
import { ExchangedSessions } from './oauth/exchange/exchanged-sessions.js';
import { ExternalExchange } from './oauth/exchange/external-exchange.js';
import { TenantSwitch } from './oauth/exchange/tenant-switch.js';
import { ClientCredentials } from './oauth/grants/client-credentials.js';
import { RefreshTokenGrant } from './oauth/grants/refresh-token.js';
import { TokenExchangeGrant } from './oauth/grants/token-exchange.js';
import { Askers } from './oauth/introspection/askers.js';
import { Introspection } from './oauth/introspection/introspection.js';
import { IntrospectionController } from './oauth/introspection/introspection.controller.js';
import { OAuthMetadataController } from './oauth/metadata.controller.js';
import { RevocationController } from './oauth/revocation/revocation.controller.js';
import { Revocation } from './oauth/revocation/revocation.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { TokenRecords } from './oauth/token-records.js';
import { OutboundFetch } from './oidc/outbound-fetch.js';
import { ProviderMetadata } from './oidc/provider-metadata.js';
import { ProviderSessions } from './oidc/provider-sessions.js';
import { ProviderSignInController } from './oidc/provider-sign-in.controller.js';
import { ProviderSignIn } from './oidc/provider-sign-in.js';
import { Providers } from './oidc/providers.js';
import { Transactions } from './oidc/transactions.js';
import { OwnIssuer } from './own-issuer.js';
import { CommonPasswords } from './passwords/common-passwords.js';
import { PasswordHasher } from './passwords/password-hasher.js';
import { PasswordPolicy } from './passwords/password-policy.js';
import { PeopleRegistry } from './people/people-registry.js';
import { PeopleRepository } from './people/people.repository.js';
import { SecondFactorsRepository } from './people/second-factors.repository.js';
import { RecoveryCodes } from './second-factor/recovery-codes.js';
import { RefreshTokens } from './sessions/refresh-tokens.js';
import { SessionPurge } from './sessions/session-purge.js';
import { Sessions } from './sessions/sessions.js';
import { AccessTokens } from './tokens/access-tokens.js';
import { SessionTokens } from './tokens/session-tokens.js';

/** What knows no framework is made here. One hasher a process: the bound on hashing lives in it. */
const CREDENTIALS = [
  {
    provide: ClientSecrets,
    inject: [MasterKey],
    useFactory: (masterKey: MasterKey) => new ClientSecrets(masterKey),
  },
  {
    provide: RecoveryCodes,
    inject: [MasterKey],
    useFactory: (masterKey: MasterKey) => new RecoveryCodes(masterKey),
  },
  { provide: PasswordHasher, useFactory: () => new PasswordHasher() },
  { provide: PasswordPolicy, useFactory: () => new PasswordPolicy(new CommonPasswords()) },
];

const PLATFORM = [
  FirstAdmins,
  PlatformAccounts,
  PlatformAdminsService,
  PlatformAdminsRepository,
  PlatformAdmissions,
  PlatformInvitations,
];

const PEOPLE = [
  AccountHolders,
  OwnSecondFactor,
  OwnSessions,
  PeopleRegistry,
  PeopleRepository,
  SecondFactorsRepository,
  Attempts,
  Background,
  CodeGuesses,
  Logins,
  Logouts,
  NewPasswords,
  PasswordChanges,
  PasswordResets,
  PersonProof,
  PreviousSessions,
  ResetTokens,
  SecondFactors,
  SessionOpening,
  SigninRecords,
  SuccessThrottle,
  TenantChoice,
];

const TOKENS = [
  KeyRing,
  KeyAttestation,
  OwnIssuer,
  Sessions,
  SessionPurge,
  RefreshTokens,
  AccessTokens,
  SessionTokens,
  ClientCredentials,
  RefreshTokenGrant,
  TokenExchangeGrant,
  ExchangedSessions,
  ExternalExchange,
  TenantSwitch,
  Askers,
  Introspection,
  Revocation,
  TokenRecords,
];

const PROVIDERS = [
  OutboundFetch,
  Providers,
  ProviderMetadata,
  ProviderSessions,
  ProviderSignIn,
  Transactions,
];

/** How a credential becomes a session or a token: people, machines, and the keys that sign. */
@Module({
  imports: [AuditModule, ThrottleModule],
  controllers: [
    OAuthController,
    OAuthMetadataController,
    IntrospectionController,
    RevocationController,
    ProviderSignInController,
    MeController,
    LoginController,
    AccountController,
    SecondFactorController,
    PasswordsController,
    PlatformAdminsController,
  ],
  providers: [...CREDENTIALS, ...PLATFORM, ...PEOPLE, ...TOKENS, ...PROVIDERS],
  exports: [
    KeyAttestation,
    OwnIssuer,
    PlatformAccounts,
    PlatformAdmissions,
    PeopleRegistry,
    Sessions,
  ],
})
export class SigninModule {}
