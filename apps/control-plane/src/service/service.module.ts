import { Module } from '@nestjs/common';

import { IssuersModule } from '@tenantry/issuers';
import { DocumentController } from './document.controller.js';
import { HealthController } from './health.controller.js';
import { Metrics } from './metrics.js';

/** What an operator and a developer need of the service itself. */
@Module({
  imports: [IssuersModule],
  controllers: [HealthController, DocumentController],
  providers: [Metrics],
  exports: [Metrics],
})
export class ServiceModule {}
