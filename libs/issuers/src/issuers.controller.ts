import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import {
  ApiRefusals,
  ApiTenant,
  type ExpectedRevision,
  IfMatch,
  ListQueryDto,
  RequiredIfMatch,
} from '@tenantry/http';
import {
  ApiIssuer,
  NOT_FOUND,
  REMOVAL_REFUSALS,
  TENANT_REGISTRATION_REFUSALS,
} from './api-issuer.js';
import { ChangeIssuerDto } from './dto/change-issuer.dto.js';
import { IssuerDto, IssuersPageDto } from './dto/issuer.dto.js';
import { RegisterTenantIssuerDto } from './dto/register-tenant-issuer.dto.js';
import { changedRegistration, registrationOf } from './dto/registration-of.js';
import { WaitQueryDto } from './dto/wait-query.dto.js';
import { ofTenant } from './issuer-owner.js';
import { IssuersService } from './issuers.service.js';

@ApiTags('Issuers')
@ApiTenant()
@Controller('v1/tenants/:tenant/issuers')
export class IssuersController {
  constructor(
    private readonly issuers: IssuersService,
    private readonly config: AppConfig,
  ) {}

  /** Register an issuer; its tokens open this tenant as soon as its ownership and keys are known. */
  @Post()
  @ApiOperation({ operationId: 'issuers_register' })
  @ApiRefusals({
    ...TENANT_REGISTRATION_REFUSALS,
    409: ['issuers.not_disjoint', 'issuers.limit_reached'],
  })
  @Requires('issuers:write')
  async register(
    @CurrentCaller() caller: Caller,
    @Body() body: RegisterTenantIssuerDto,
    @Query() { wait }: WaitQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuerDto> {
    const registration = registrationOf(body);
    const issuer = await this.issuers.register(ofTenant(caller), registration, wait !== undefined);
    reply.header('Location', `/v1/tenants/${issuer.tenantId}/issuers/${issuer.id}`);
    return new IssuerDto(issuer, this.config.publicUrl);
  }

  /** List the issuers that the tenant trusts, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'issuers_list' })
  @Requires('issuers:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<IssuersPageDto> {
    const { items, nextCursor } = await this.issuers.list(ofTenant(caller), query);
    return new IssuersPageDto({
      items: items.map((issuer) => new IssuerDto(issuer, this.config.publicUrl)),
      nextCursor,
    });
  }

  /** Read an issuer. */
  @Get(':issuer')
  @ApiOperation({ operationId: 'issuers_get' })
  @ApiIssuer()
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:read')
  async get(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return new IssuerDto(await this.issuers.get(ofTenant(caller), id), this.config.publicUrl);
  }

  /** Change an issuer; another URL or discriminator is to be proven anew, a guest's approved anew. */
  @Patch(':issuer')
  @ApiOperation({ operationId: 'issuers_change' })
  @ApiIssuer()
  @ApiRefusals({ ...NOT_FOUND, ...TENANT_REGISTRATION_REFUSALS, 409: ['issuers.not_disjoint'] })
  @Requires('issuers:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @Body() body: ChangeIssuerDto,
    @Query() { wait }: WaitQueryDto,
    @RequiredIfMatch() expected: ExpectedRevision,
  ): Promise<IssuerDto> {
    const issuer = await this.issuers.change(ofTenant(caller), id, {
      change: (now) => changedRegistration(now, body),
      expected,
      isAwaited: wait !== undefined,
    });
    return new IssuerDto(issuer, this.config.publicUrl);
  }

  /** End the trust in an issuer; the members who come by it go with it. */
  @Delete(':issuer')
  @HttpCode(204)
  @ApiOperation({ operationId: 'issuers_remove' })
  @ApiIssuer()
  @ApiRefusals({
    ...NOT_FOUND,
    ...REMOVAL_REFUSALS,
    409: ['members.last_admin'],
    412: ['request.revision_stale'],
  })
  @Requires('issuers:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.issuers.remove(ofTenant(caller), id, expected);
  }
}
