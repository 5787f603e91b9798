import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { AuditService } from './audit.service.js';
import { AuditEventDto, AuditEventsPageDto } from './dto/audit-event.dto.js';
import { ListEventsDto } from './dto/list-events.dto.js';
import { Trails } from './trails.js';

@ApiTags('Audit')
@Controller('v1')
export class AuditController {
  constructor(
    private readonly audit: AuditService,
    private readonly trails: Trails,
  ) {}

  /** Read a tenant's trail, newest first. */
  @Get('tenants/:tenant/audit/events')
  @ApiOperation({ operationId: 'audit_list' })
  @ApiTenant()
  @Requires('audit:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListEventsDto,
  ): Promise<AuditEventsPageDto> {
    const { items, nextCursor } = await this.audit.list(this.trails.of(caller.scope), query);
    return new AuditEventsPageDto({
      items: items.map((row) => new AuditEventDto(row)),
      nextCursor,
    });
  }

  /** Read one event of a tenant's trail. */
  @Get('tenants/:tenant/audit/events/:event')
  @ApiOperation({ operationId: 'audit_get' })
  @ApiTenant()
  @ApiParam({
    name: 'event',
    description: 'Id of the event.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  @ApiRefusals({ 404: ['audit.event_not_found'] })
  @Requires('audit:read')
  async get(@CurrentCaller() caller: Caller, @Param('event') id: string): Promise<AuditEventDto> {
    return new AuditEventDto(await this.audit.get(this.trails.of(caller.scope), id));
  }

  /** Read the trail of deeds outside every tenant, newest first. */
  @Get('platform/audit/events')
  @ApiOperation({ operationId: 'audit_listPlatform' })
  @RequiresPlatform('platform:read')
  async listPlatform(@Query() query: ListEventsDto): Promise<AuditEventsPageDto> {
    const { items, nextCursor } = await this.audit.list(this.trails.ofPlatform(), query);
    return new AuditEventsPageDto({
      items: items.map((row) => new AuditEventDto(row)),
      nextCursor,
    });
  }
}
