import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ListQueryDto } from '@tenantry/http';
import { IssuerDto, IssuersPageDto } from './dto/issuer.dto.js';
import { RegisterIssuerDto, registrationOf } from './dto/register-issuer.dto.js';
import { WaitQueryDto } from './dto/wait-query.dto.js';
import { IssuersService } from './issuers.service.js';

const NOT_FOUND = { 404: ['issuers.not_found'] };

const ApiTenant = (): MethodDecorator & ClassDecorator =>
  ApiParam({ name: 'tenant', description: 'Id or slug of the tenant.', example: 'acme' });

const ApiIssuer = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'issuer',
    description: 'Id of the issuer.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Issuers')
@ApiTenant()
@Controller('v1/tenants/:tenant/issuers')
export class IssuersController {
  constructor(private readonly issuers: IssuersService) {}

  /** Register an issuer; its tokens open this tenant as soon as its keys are known. */
  @Post()
  @ApiOperation({ operationId: 'issuers_register' })
  @ApiRefusals({
    403: ['members.escalation'],
    409: ['issuers.not_disjoint', 'issuers.limit_reached'],
    422: [
      'issuers.issuer_invalid',
      'issuers.url_forbidden',
      'issuers.issuer_reserved',
      'issuers.match_required',
      'issuers.admission_too_powerful',
      'issuers.keys_invalid',
      'roles.unknown',
    ],
  })
  @Requires('issuers:write')
  async register(
    @CurrentCaller() caller: Caller,
    @Body() body: RegisterIssuerDto,
    @Query() { wait }: WaitQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuerDto> {
    const issuer = await this.issuers.register(caller, registrationOf(body), wait !== undefined);
    reply.header('Location', `/v1/tenants/${issuer.tenantId}/issuers/${issuer.id}`);
    return new IssuerDto(issuer);
  }

  /** List the issuers that the tenant trusts, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'issuers_list' })
  @Requires('issuers:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<IssuersPageDto> {
    const { items, nextCursor } = await this.issuers.list(caller, query);
    return new IssuersPageDto({ items: items.map((issuer) => new IssuerDto(issuer)), nextCursor });
  }

  /** Read an issuer. */
  @Get(':issuer')
  @ApiOperation({ operationId: 'issuers_get' })
  @ApiIssuer()
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:read')
  async get(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return new IssuerDto(await this.issuers.get(caller, id));
  }

  /** Check an issuer now, and answer when that is done. */
  @Post(':issuer/recheck')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_recheck' })
  @ApiIssuer()
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:write')
  async recheck(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return new IssuerDto(await this.issuers.recheck(caller, id));
  }

  /** Refuse an issuer's tokens from now on, on every node. */
  @Post(':issuer/disable')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_disable' })
  @ApiIssuer()
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:write')
  async disable(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return new IssuerDto(await this.issuers.disable(caller, id));
  }

  /** Trust an issuer again, after a check. */
  @Post(':issuer/enable')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_enable' })
  @ApiIssuer()
  @ApiRefusals({ ...NOT_FOUND, 403: ['members.escalation'] })
  @Requires('issuers:write')
  async enable(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return new IssuerDto(await this.issuers.enable(caller, id));
  }

  /** Vouch, as a platform admin, that the tenant owns the issuer. */
  @Post(':issuer/approve')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_approve' })
  @ApiIssuer()
  @ApiRefusals({ ...NOT_FOUND, 409: ['issuers.not_disjoint'] })
  @RequiresPlatform('platform:write')
  async approve(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return new IssuerDto(await this.issuers.approve(caller, id));
  }

  /** End the trust in an issuer. */
  @Delete(':issuer')
  @HttpCode(204)
  @ApiOperation({ operationId: 'issuers_remove' })
  @ApiIssuer()
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:write')
  async remove(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<void> {
    await this.issuers.remove(caller, id);
  }
}
