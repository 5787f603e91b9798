import { Body, Controller, Get, HttpCode, Post, Query, Req, StreamableFile } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { ApiUsage, csvFile } from './api-usage.js';
import { BUILT_IN_METERS } from './meters.js';
import { prefersCsv } from './reading/media.js';
import { MeterDto, MetersPageDto, UsageDto, UsagePageDto } from './reading/usage.dto.js';
import { UsageQueryDto } from './reading/usage-query.dto.js';
import { UsageReading } from './reading/usage-reading.js';
import { RecordedDto, UsageEventsDto } from './reporting/usage-events.dto.js';
import { UsageReporting } from './reporting/usage-reporting.js';

/** A thousand events with all that each may hold. */
const VALUES_MAX = 25_000;

@ApiTags('Usage')
@ApiTenant()
@Controller('v1/tenants/:tenant/usage')
export class UsageController {
  constructor(
    private readonly reporting: UsageReporting,
    private readonly reading: UsageReading,
  ) {}

  /** Report what was used: late, out of order and as often as it takes, each id counts once. */
  @Post('events')
  @HttpCode(202)
  @RouteConfig({ valuesMax: VALUES_MAX })
  @ApiOperation({ operationId: 'usage_report' })
  @ApiBody({ type: UsageEventsDto })
  @Requires('usage:write')
  async report(@CurrentCaller() caller: Caller, @Body() body: unknown): Promise<RecordedDto> {
    return new RecordedDto(await this.reporting.report(caller, body));
  }

  /** See what was used, by the hour, day or month; as CSV all of it, whatever the page. */
  @Get()
  @ApiOperation({ operationId: 'usage_list' })
  @ApiUsage(UsagePageDto)
  @ApiRefusals({ 422: ['request.cursor_invalid'] })
  @Requires('usage:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: UsageQueryDto,
    @Req() { headers }: FastifyRequest,
  ): Promise<UsagePageDto | StreamableFile> {
    if (prefersCsv(headers.accept)) return csvFile(await this.reading.csv(caller, query));
    const { items, nextCursor } = await this.reading.page(caller, query);
    return new UsagePageDto({ items: items.map((row) => new UsageDto(row)), nextCursor });
  }

  /** See which meters there are: the built-in ones, and those that the tenant used in the last 90 days. */
  @Get('meters')
  @ApiOperation({ operationId: 'usage_listMeters' })
  @Requires('usage:read')
  async meters(@CurrentCaller() caller: Caller): Promise<MetersPageDto> {
    const builtIn = Object.entries(BUILT_IN_METERS).map(
      ([name, known]) => new MeterDto(name, known),
    );
    const own = (await this.reading.metersOf(caller))
      .filter((name) => !Object.hasOwn(BUILT_IN_METERS, name))
      .map((name) => new MeterDto(name, null));
    return new MetersPageDto({ items: [...builtIn, ...own], nextCursor: null });
  }
}
