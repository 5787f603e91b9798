import { Module } from '@nestjs/common';

import { AuditController } from './audit.controller.js';
import { AuditRepository } from './audit.repository.js';
import { AuditService } from './audit.service.js';
import { AuditTrail } from './audit-trail.js';
import { Refusals } from './refusals.js';

@Module({
  controllers: [AuditController],
  providers: [AuditTrail, AuditService, AuditRepository, Refusals],
  exports: [AuditTrail, Refusals],
})
export class AuditModule {}
