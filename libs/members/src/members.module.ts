import { Module } from '@nestjs/common';

import { AuditModule } from '@tenantry/audit';
import { MemberLookup } from './member-lookup.js';
import { MembersController } from './members.controller.js';
import { MembersRepository } from './members.repository.js';
import { MembersService } from './members.service.js';

@Module({
  imports: [AuditModule],
  controllers: [MembersController],
  providers: [MembersService, MembersRepository, MemberLookup],
  exports: [MemberLookup],
})
export class MembersModule {}
