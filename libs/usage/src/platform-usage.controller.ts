import { Controller, Get, Query, Req, StreamableFile } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { RequiresPlatform } from '@tenantry/access';
import { ApiRefusals } from '@tenantry/http';
import { ApiUsage, csvFile } from './api-usage.js';
import { prefersCsv } from './reading/media.js';
import { PlatformUsageDto, PlatformUsagePageDto } from './reading/usage.dto.js';
import { PlatformUsageQueryDto } from './reading/usage-query.dto.js';
import { UsageReading } from './reading/usage-reading.js';

@ApiTags('Usage')
@Controller('v1/usage')
export class PlatformUsageController {
  constructor(private readonly reading: UsageReading) {}

  /** See what all tenants used, each by itself; as CSV the whole chargeback, whatever the page. */
  @Get()
  @ApiOperation({ operationId: 'usage_listPlatform' })
  @ApiUsage(PlatformUsagePageDto)
  @ApiRefusals({ 422: ['request.cursor_invalid'] })
  @RequiresPlatform('platform:read')
  async list(
    @Query() query: PlatformUsageQueryDto,
    @Req() { headers }: FastifyRequest,
  ): Promise<PlatformUsagePageDto | StreamableFile> {
    if (prefersCsv(headers.accept)) return csvFile(await this.reading.platformCsv(query));
    const { items, nextCursor } = await this.reading.platformPage(query);
    return new PlatformUsagePageDto({
      items: items.map((row) => new PlatformUsageDto(row)),
      nextCursor,
    });
  }
}
