import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto } from '@tenantry/http';
import { BreakGlassDto, BreakGlassPageDto, BreakGlassRequestDto } from './break-glass.dto.js';
import { BreakGlassService } from './break-glass.service.js';

const NOT_FOUND = { 404: ['break_glass.not_found'] };

const ApiBreakGlass = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'breakGlass',
    description: 'Id of the break-glass window.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Break-glass')
@ApiTenant()
@Controller('v1/tenants/:tenant/break-glass')
export class BreakGlassController {
  constructor(private readonly windows: BreakGlassService) {}

  /** Open a claimed tenant to oneself for a while; its admins see it. */
  @Post()
  @ApiOperation({ operationId: 'break_glass_open' })
  @RequiresPlatform('platform:write')
  async open(
    @CurrentCaller() caller: Caller,
    @Body() body: BreakGlassRequestDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<BreakGlassDto> {
    const window = await this.windows.open(caller, body);
    reply.header('Location', `/v1/tenants/${caller.scope.tenantId}/break-glass/${window.id}`);
    return new BreakGlassDto(window);
  }

  /** List who has broken the glass of the tenant, newest first. */
  @Get()
  @ApiOperation({ operationId: 'break_glass_list' })
  @Requires('audit:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<BreakGlassPageDto> {
    const { items, nextCursor } = await this.windows.list(caller, query);
    return new BreakGlassPageDto({
      items: items.map((item) => new BreakGlassDto(item)),
      nextCursor,
    });
  }

  /** Read a break-glass window. */
  @Get(':breakGlass')
  @ApiOperation({ operationId: 'break_glass_get' })
  @ApiBreakGlass()
  @ApiRefusals(NOT_FOUND)
  @Requires('audit:read')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('breakGlass') id: string,
  ): Promise<BreakGlassDto> {
    return new BreakGlassDto(await this.windows.get(caller, id));
  }

  /** Close a break-glass window before its time. */
  @Post(':breakGlass/close')
  @HttpCode(200)
  @ApiOperation({ operationId: 'break_glass_close' })
  @ApiBreakGlass()
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:write')
  async close(
    @CurrentCaller() caller: Caller,
    @Param('breakGlass') id: string,
  ): Promise<BreakGlassDto> {
    return new BreakGlassDto(await this.windows.close(caller, id));
  }
}
