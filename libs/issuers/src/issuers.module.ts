import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { ClaimsRegistry } from './claims-registry.js';
import { Candidates } from './doctor/candidate.js';
import { TokenDoctorController } from './doctor/doctor.controller.js';
import { TokenDoctor } from './doctor/doctor.service.js';
import { KnownUrls } from './doctor/known-urls.js';
import { PlatformTokenDoctorController } from './doctor/platform-doctor.controller.js';
import { FirstVerdict } from './first-verdict.js';
import { IssuerCensus } from './issuer-census.js';
import { IssuerTrust } from './issuer-trust.js';
import { IssuerVerbs } from './issuer-verbs.js';
import { IssuerVerbsController } from './issuer-verbs.controller.js';
import { IssuersController } from './issuers.controller.js';
import { IssuersRepository } from './issuers.repository.js';
import { IssuersService } from './issuers.service.js';
import { KeyDistrust } from './key-distrust.js';
import { KeyFetcher } from './keys/key-fetcher.js';
import { OwnershipProof } from './ownership-proof.js';
import { PlatformIssuerVerbsController } from './platform-issuer-verbs.controller.js';
import { PlatformIssuersController } from './platform-issuers.controller.js';
import { IssuerPresetsController } from './presets/presets.controller.js';
import { Reach } from './reach.js';
import { RecheckSchedule } from './recheck-schedule.js';
import { RegistrationCheck } from './registration-check.js';
import { SignInClientController } from './sign-in/sign-in.controller.js';
import { SignInClients } from './sign-in/sign-in-clients.js';
import { Validator } from './validator.js';
import { VerdictLog } from './verdict-log.js';
import { Verdicts } from './verdicts.js';

@Module({
  imports: [AuditModule],
  controllers: [
    IssuersController,
    IssuerVerbsController,
    SignInClientController,
    PlatformIssuersController,
    PlatformIssuerVerbsController,
    IssuerPresetsController,
    TokenDoctorController,
    PlatformTokenDoctorController,
  ],
  providers: [
    IssuersService,
    IssuerVerbs,
    KeyDistrust,
    SignInClients,
    IssuersRepository,
    ClaimsRegistry,
    RegistrationCheck,
    Reach,
    OwnershipProof,
    KeyFetcher,
    Validator,
    Verdicts,
    VerdictLog,
    FirstVerdict,
    RecheckSchedule,
    IssuerCensus,
    IssuerTrust,
    KnownUrls,
    Candidates,
    TokenDoctor,
  ],
  exports: [IssuerTrust, IssuerCensus, Validator],
})
export class IssuersModule {}
