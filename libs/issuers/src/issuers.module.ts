import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { ClaimsRegistry } from './claims-registry.js';
import { IssuerTrust } from './issuer-trust.js';
import { IssuersController } from './issuers.controller.js';
import { IssuersRepository } from './issuers.repository.js';
import { IssuersService } from './issuers.service.js';
import { KeyFetcher } from './keys/key-fetcher.js';
import { RegistrationCheck } from './registration-check.js';
import { Validator } from './validator.js';

@Module({
  imports: [AuditModule],
  controllers: [IssuersController],
  providers: [
    IssuersService,
    IssuersRepository,
    ClaimsRegistry,
    RegistrationCheck,
    KeyFetcher,
    Validator,
    IssuerTrust,
  ],
  exports: [IssuerTrust],
})
export class IssuersModule {}
