import { type DynamicModule, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { APP_GUARD, DiscoveryModule } from '@nestjs/core';
import { PassportModule } from '@nestjs/passport';
import { ThrottlerModule } from '@nestjs/throttler';

import { AppConfig } from '@tenantry/config';
import { Clock } from '@tenantry/kernel';
import { AddressThrottle } from './address-throttle.js';
import { ApiKeyDirectory, TenantClients } from './api-key-directory.js';
import { Attestation } from './attestation.js';
import { Authenticator } from './authenticator.js';
import { BearerGuard, BearerStrategy } from './bearer.strategy.js';
import { Csrf } from './csrf.js';
import { Directories } from './directories.js';
import { Granting } from './grantable.js';
import { IssuerDirectory } from './issuer-directory.js';
import { MemberDirectory, PlatformDirectory } from './member-directory.js';
import { PersonRegistry } from './person-registry.js';
import { Readmission } from './readmission.js';
import { RedisThrottleStorage } from './redis-throttle-storage.js';
import { PlatformAdmission } from './platform-admission.js';
import { ClaimedTenants, RoleDirectory } from './role-directory.js';
import { RouteCheck } from './route-check.js';
import { SessionDirectory } from './session-directory.js';
import { TenantDirectory } from './tenant-directory.js';
import { TenantGuard } from './tenant.guard.js';
import { ThrottleGuard, throttleOptions } from './throttle.guard.js';
import { MemoryThrottleStorage, ThrottleStorage } from './throttle-storage.js';

/** Counting, by itself: the sign-in feature needs it before anybody is known. */
@Module({
  providers: [
    {
      provide: ThrottleStorage,
      inject: [AppConfig, Clock],
      useFactory: ({ redisUrl }: AppConfig, clock: Clock): ThrottleStorage => {
        const memory = new MemoryThrottleStorage(clock);
        return redisUrl ? new RedisThrottleStorage(redisUrl, memory) : memory;
      },
    },
    AddressThrottle,
  ],
  exports: [ThrottleStorage, AddressThrottle],
})
export class ThrottleModule {}

/** The guard, for the whole application. `directories` binds what it asks to the features that know. */
@Module({})
export class AccessModule {
  static guarding(
    imports: NonNullable<ModuleMetadata['imports']>,
    directories: readonly Provider[],
  ): DynamicModule {
    return {
      module: AccessModule,
      // A feature may ask through a directory what another one knows.
      global: true,
      imports: [
        ...imports,
        DiscoveryModule,
        PassportModule,
        ThrottleModule,
        ThrottlerModule.forRootAsync({
          inject: [AppConfig],
          useFactory: ({ throttle }: AppConfig) => throttleOptions(throttle),
        }),
      ],
      providers: [
        ...directories,
        Directories,
        BearerStrategy,
        BearerGuard,
        Authenticator,
        Csrf,
        Granting,
        Readmission,
        RouteCheck,
        { provide: APP_GUARD, useClass: TenantGuard },
        { provide: APP_GUARD, useClass: ThrottleGuard },
      ],
      exports: [
        RouteCheck,
        Readmission,
        Authenticator,
        Csrf,
        Granting,
        // What one feature asks of another.
        ApiKeyDirectory,
        Attestation,
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
      ],
    };
  }
}
