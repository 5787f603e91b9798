import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { AppConfig } from '@tenantry/config';
import { AwsKms, LocalKek, MasterKey } from '@tenantry/crypto';
import { UsageModule } from '@tenantry/usage';
import { SecretCensus } from './census.js';
import { ConsentsController } from './consents/consents.controller.js';
import { ConsentsRepository } from './consents/consents.repository.js';
import { ConsentsService } from './consents/consents.service.js';
import { DataKeys } from './keys/data-keys.js';
import { KekBook } from './keys/kek-book.js';
import { KekProviders, KeyService } from './keys/key-service.js';
import { kmsOptionsOf } from './keys/kms-options.js';
import { VaultHealth } from './keys/vault-health.js';
import { SecretReading } from './reading.js';
import { RevealController } from './reveal/reveal.controller.js';
import { RevealCounts } from './reveal/reveal-counts.js';
import { RevealLookup } from './reveal/reveal-lookup.js';
import { RevealService } from './reveal/reveal.service.js';
import { Rollback } from './rollback.js';
import { DataKeyRotation } from './rotation/data-key-rotation.js';
import { KekRotation } from './rotation/kek-rotation.js';
import { PlatformVaultController } from './rotation/platform-vault.controller.js';
import { PlatformVaultReading } from './rotation/platform-vault-reading.js';
import { Resealing } from './rotation/resealing.js';
import { ResealingRepository } from './rotation/resealing.repository.js';
import { RewrapController } from './rotation/rewrap.controller.js';
import { Rewrapping } from './rotation/rewrapping.js';
import { RewrappingRepository } from './rotation/rewrapping.repository.js';
import { RotationSchedule } from './rotation/rotation-schedule.js';
import { SecretSaving } from './saving.js';
import { SecretAlterations } from './secret-alterations.js';
import { SecretVerbsController } from './secret-verbs.controller.js';
import { SecretsController } from './secrets.controller.js';
import { SecretsRepository } from './secrets.repository.js';
import { SealController } from './vault/seal.controller.js';
import { ShredCertificates } from './vault/shred-certificates.js';
import { Shredding } from './vault/shredding.js';
import { ShreddingRepository } from './vault/shredding.repository.js';
import { VaultController } from './vault/vault.controller.js';
import { VaultReading } from './vault/vault-reading.js';
import { VaultSeals } from './vault/vault-seals.js';

const KEYS = [KeyService, KekBook, DataKeys, VaultHealth];
const VALUES = [SecretsRepository, SecretSaving, SecretAlterations, SecretReading, Rollback];
const VAULT = [VaultReading, VaultSeals, Shredding, ShreddingRepository, ShredCertificates];
const CONSENTS = [ConsentsService, ConsentsRepository];
const ROTATION = [
  ...[KekRotation, DataKeyRotation, PlatformVaultReading, RotationSchedule],
  ...[Resealing, ResealingRepository, Rewrapping, RewrappingRepository],
];
const REVEAL = [RevealService, RevealLookup, RevealCounts];

/** Old keys stay where they are until they are replaced: both services are known, one makes new keys. */
const KEY_SERVICES = {
  provide: KekProviders,
  inject: [MasterKey, AppConfig],
  useFactory: (masterKey: MasterKey, { kms }: AppConfig): KekProviders => {
    const local = new LocalKek(masterKey);
    const aws = new AwsKms(kmsOptionsOf(kms));
    return new KekProviders([local, aws], kms ? aws : local);
  },
};

/** What tenants keep secret: sealed under a key of each tenant's own, revealed to services alone. */
@Module({
  imports: [AuditModule, UsageModule],
  controllers: [
    ConsentsController,
    SealController,
    SecretsController,
    RevealController,
    SecretVerbsController,
    VaultController,
    PlatformVaultController,
    RewrapController,
  ],
  providers: [
    KEY_SERVICES,
    ...KEYS,
    ...VALUES,
    ...REVEAL,
    ...VAULT,
    ...CONSENTS,
    ...ROTATION,
    SecretCensus,
  ],
  exports: [KeyService, RevealCounts, SecretCensus, VaultHealth],
})
export class SecretsModule {}
