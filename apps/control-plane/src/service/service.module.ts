import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { IssuersModule } from '@tenantry/issuers';
import { QuotasModule } from '@tenantry/quotas';
import { SecretsModule } from '@tenantry/secrets';
import { DecisionMetrics } from './decision-metrics.js';
import { DocumentController } from './document.controller.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';
import { QuotaMetrics } from './quota-metrics.js';
import { VaultMetrics } from './vault-metrics.js';

/** What an operator and a developer need of the service itself. */
@Module({
  imports: [AuditModule, IssuersModule, QuotasModule, SecretsModule],
  controllers: [HealthController, DocumentController],
  providers: [Metrics, DecisionMetrics, QuotaMetrics, VaultMetrics],
  exports: [Metrics],
})
export class ServiceModule {}
