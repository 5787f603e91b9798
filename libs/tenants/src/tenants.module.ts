import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { TenantLookup } from './tenant-lookup.js';
import { TenantsController } from './tenants.controller.js';
import { TenantsRepository } from './tenants.repository.js';
import { TenantsService } from './tenants.service.js';

@Module({
  imports: [AuditModule],
  controllers: [TenantsController],
  providers: [TenantsService, TenantsRepository, TenantLookup],
  exports: [TenantLookup],
})
export class TenantsModule {}
