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

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import {
  ApiRefusals,
  type ExpectedRevision,
  IfMatch,
  ListQueryDto,
  RequiredIfMatch,
} from '@tenantry/http';
import { ApiPlatformIssuer, NOT_FOUND, REGISTRATION_REFUSALS } from './api-issuer.js';
import { ChangePlatformIssuerDto } from './dto/change-issuer.dto.js';
import { PlatformIssuerDto, PlatformIssuersPageDto } from './dto/issuer.dto.js';
import { RegisterPlatformIssuerDto } from './dto/register-platform-issuer.dto.js';
import { changedRegistration, registrationOf } from './dto/registration-of.js';
import { WaitQueryDto } from './dto/wait-query.dto.js';
import { ofPlatform } from './issuer-owner.js';
import { IssuersService } from './issuers.service.js';

@ApiTags('Platform issuers')
@Controller('v1/platform/issuers')
export class PlatformIssuersController {
  constructor(private readonly issuers: IssuersService) {}

  /** Register an issuer of the platform: each of its tokens names the tenant that it belongs to. */
  @Post()
  @ApiOperation({ operationId: 'platform_issuers_register' })
  @ApiRefusals({
    ...REGISTRATION_REFUSALS,
    409: ['issuers.not_disjoint', 'issuers.limit_reached'],
  })
  @RequiresPlatform('platform:write')
  async register(
    @CurrentCaller() caller: Caller,
    @Body() body: RegisterPlatformIssuerDto,
    @Query() { wait }: WaitQueryDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlatformIssuerDto> {
    const registration = registrationOf(body);
    const issuer = await this.issuers.register(
      ofPlatform(caller),
      registration,
      wait !== undefined,
    );
    reply.header('Location', `/v1/platform/issuers/${issuer.id}`);
    return new PlatformIssuerDto(issuer);
  }

  /** List the issuers of the platform, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'platform_issuers_list' })
  @RequiresPlatform('platform:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<PlatformIssuersPageDto> {
    const { items, nextCursor } = await this.issuers.list(ofPlatform(caller), query);
    return new PlatformIssuersPageDto({
      items: items.map((issuer) => new PlatformIssuerDto(issuer)),
      nextCursor,
    });
  }

  /** Read an issuer of the platform. */
  @Get(':platformIssuer')
  @ApiOperation({ operationId: 'platform_issuers_get' })
  @ApiPlatformIssuer()
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:read')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
  ): Promise<PlatformIssuerDto> {
    return new PlatformIssuerDto(await this.issuers.get(ofPlatform(caller), id));
  }

  /** Change an issuer of the platform. */
  @Patch(':platformIssuer')
  @ApiOperation({ operationId: 'platform_issuers_change' })
  @ApiPlatformIssuer()
  @ApiRefusals({ ...NOT_FOUND, ...REGISTRATION_REFUSALS, 409: ['issuers.not_disjoint'] })
  @RequiresPlatform('platform:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
    @Body() body: ChangePlatformIssuerDto,
    @Query() { wait }: WaitQueryDto,
    @RequiredIfMatch() expected: ExpectedRevision,
  ): Promise<PlatformIssuerDto> {
    const issuer = await this.issuers.change(ofPlatform(caller), id, {
      change: (now) => changedRegistration(now, body),
      expected,
      isAwaited: wait !== undefined,
    });
    return new PlatformIssuerDto(issuer);
  }

  /** End the trust in an issuer of the platform. */
  @Delete(':platformIssuer')
  @HttpCode(204)
  @ApiOperation({ operationId: 'platform_issuers_remove' })
  @ApiPlatformIssuer()
  @ApiRefusals({ ...NOT_FOUND, 412: ['request.revision_stale'] })
  @RequiresPlatform('platform:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.issuers.remove(ofPlatform(caller), id, expected);
  }
}
