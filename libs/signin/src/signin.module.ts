import { Module } from '@nestjs/common';

import { ThrottleModule } from '@tenantry/access';
import { AuditModule } from '@tenantry/audit';
import { MasterKey } from '@tenantry/crypto';
import { ClientSecrets } from './accounts/client-secrets.js';
import { PlatformAccounts } from './accounts/platform-accounts.js';
import { KeyRing } from './keys/key-ring.js';
import { MeController } from './me/me.controller.js';
import { OAuthController } from './oauth/oauth.controller.js';
import { TokenIssuing } from './oauth/token-issuing.js';
import { TokenRecords } from './oauth/token-records.js';
import { OwnIssuer } from './own-issuer.js';

@Module({
  imports: [AuditModule, ThrottleModule],
  controllers: [OAuthController, MeController],
  providers: [
    {
      provide: ClientSecrets,
      inject: [MasterKey],
      useFactory: (masterKey: MasterKey) => new ClientSecrets(masterKey),
    },
    KeyRing,
    OwnIssuer,
    PlatformAccounts,
    TokenIssuing,
    TokenRecords,
  ],
  exports: [OwnIssuer, PlatformAccounts],
})
export class SigninModule {}
