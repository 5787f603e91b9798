import { Controller, Get, Query, Res, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiTenant, NDJSON } from '@tenantry/http';

import { type Trail, Trails } from '../trails.js';
import { ApiExport, TRAIL_SEQUENCE } from './api-export.js';
import { AuditExports } from './audit-exports.js';
import { ExportQueryDto } from './export-query.dto.js';

@ApiTags('Audit')
@Controller('v1')
export class AuditExportController {
  constructor(
    private readonly exports: AuditExports,
    private readonly trails: Trails,
  ) {}

  /**
   * Export a tenant's trail: oldest first, an event a line, up to where the trail stood when it was
   * asked for.
   *
   * An export that fails is cut off, never ended: it is whole once the connection ended as it should.
   */
  @Get('tenants/:tenant/audit/export')
  @ApiOperation({ operationId: 'audit_export' })
  @ApiTenant()
  @ApiExport()
  @Requires('audit:export')
  async export(
    @CurrentCaller() caller: Caller,
    @Query() query: ExportQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    return this.#file(caller, this.trails.of(caller.scope), query, reply);
  }

  /** Export the trail of deeds outside every tenant. */
  @Get('platform/audit/export')
  @ApiOperation({ operationId: 'audit_exportPlatform' })
  @ApiExport()
  @RequiresPlatform('platform:read')
  async exportPlatform(
    @CurrentCaller() caller: Caller,
    @Query() query: ExportQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    return this.#file(caller, this.trails.ofPlatform(), query, reply);
  }

  async #file(
    caller: Caller,
    trail: Trail,
    query: ExportQueryDto,
    reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { from, to, lines } = await this.exports.begin(caller, trail, query, reply.raw);
    void reply.header(TRAIL_SEQUENCE, String(to)).header('cache-control', 'no-store');
    const name = `audit-${caller.tenant?.slug ?? 'platform'}-${from}-${to}`;
    const ending = query.format === 'ocsf' ? 'ocsf.ndjson' : 'ndjson';
    return new StreamableFile(lines, {
      type: NDJSON,
      disposition: `attachment; filename="${name}.${ending}"`,
    });
  }
}
