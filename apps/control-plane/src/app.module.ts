import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_INTERCEPTOR, APP_PIPE } from '@nestjs/core';

import {
  AccessModule,
  ApiKeyDirectory,
  Attestation,
  BuiltInIssuer,
  ClaimedTenants,
  IssuerDirectory,
  MemberDirectory,
  PersonRegistry,
  PlatformAdmission,
  PlatformDirectory,
  RoleDirectory,
  SessionDirectory,
  TenantClients,
  TenantDirectory,
} from '@tenantry/access';
import { AuditModule } from '@tenantry/audit';
import { MasterKey, Sealer } from '@tenantry/crypto';
import { Database } from '@tenantry/database';
import {
  AnswerBook,
  EtagInterceptor,
  IdempotencyInterceptor,
  IdempotencyStore,
  PostgresIdempotencyStore,
  RequestFingerprint,
  RequestIdentity,
  RequestValidationPipe,
  Sealer as AnswerSealer,
} from '@tenantry/http';
import { IssuersModule, IssuerTrust } from '@tenantry/issuers';
import {
  ApiKeyLookup,
  ClaimRule,
  MemberLookup,
  MembersModule,
  RoleBook,
  TenantClientCheck,
} from '@tenantry/members';
import { QuotasModule } from '@tenantry/quotas';
import { SecretsModule } from '@tenantry/secrets';
import {
  KeyAttestation,
  OwnIssuer,
  PeopleRegistry,
  PlatformAccounts,
  PlatformAdmissions,
  Sessions,
  SigninModule,
} from '@tenantry/signin';
import { TenantLookup, TenantsModule } from '@tenantry/tenants';
import { UsageModule } from '@tenantry/usage';
import { CallerIdentity } from './caller-identity.js';
import { IdempotencyPurge } from './idempotency-purge.js';
import { RecordingFilter } from './recording.filter.js';
import { RequestMeteringInterceptor } from './request-metering.interceptor.js';
import { type Resources, ResourcesModule } from './resources.js';
import { ServiceModule } from './service/service.module.js';

/** What the guard, and one feature of another, must find out: bound to the features that know. */
const DIRECTORIES = [
  { provide: IssuerDirectory, useExisting: IssuerTrust },
  { provide: BuiltInIssuer, useExisting: OwnIssuer },
  { provide: Attestation, useExisting: KeyAttestation },
  { provide: MemberDirectory, useExisting: MemberLookup },
  { provide: RoleDirectory, useExisting: RoleBook },
  { provide: ClaimedTenants, useExisting: ClaimRule },
  { provide: ApiKeyDirectory, useExisting: ApiKeyLookup },
  { provide: TenantClients, useExisting: TenantClientCheck },
  { provide: SessionDirectory, useExisting: Sessions },
  { provide: PersonRegistry, useExisting: PeopleRegistry },
  { provide: PlatformAdmission, useExisting: PlatformAdmissions },
  { provide: PlatformDirectory, useExisting: PlatformAccounts },
  { provide: TenantDirectory, useExisting: TenantLookup },
];

/** The only place that knows every feature. */
@Module({})
export class AppModule {
  static of(resources: Resources): DynamicModule {
    const features = [
      IssuersModule,
      MembersModule,
      QuotasModule,
      SecretsModule,
      SigninModule,
      TenantsModule,
    ];
    return {
      module: AppModule,
      imports: [
        ResourcesModule.of(resources),
        AuditModule,
        UsageModule,
        ...features,
        AccessModule.guarding(features, DIRECTORIES),
        ServiceModule,
      ],
      providers: [
        { provide: APP_FILTER, useClass: RecordingFilter },
        { provide: APP_PIPE, useClass: RequestValidationPipe },
        // Counted before anything else: a request that is answered by a replay is one too.
        { provide: APP_INTERCEPTOR, useClass: RequestMeteringInterceptor },
        // The outermost first: a replay must carry the headers that the others set.
        { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
        { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
        { provide: RequestIdentity, useClass: CallerIdentity },
        { provide: AnswerSealer, useExisting: Sealer },
        {
          provide: RequestFingerprint,
          inject: [MasterKey],
          useFactory: (key: MasterKey) => new RequestFingerprint(key.derive('idempotency')),
        },
        {
          provide: IdempotencyStore,
          inject: [Database],
          useFactory: (database: Database) => new PostgresIdempotencyStore(database),
        },
        AnswerBook,
        IdempotencyPurge,
      ],
    };
  }
}
