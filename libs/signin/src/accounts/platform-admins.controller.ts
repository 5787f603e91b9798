import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Patch,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, type ExpectedRevision, IfMatch, ListQueryDto } from '@tenantry/http';
import {
  AddPlatformAdminDto,
  ChangePlatformAdminDto,
  RotatePlatformSecretDto,
} from './dto/add-platform-admin.dto.js';
import { PlatformAdminDto, PlatformAdminsPageDto } from './dto/platform-admin.dto.js';
import { PlatformAdminsService } from './platform-admins.service.js';

const HOURS_DEFAULT = 72;
const NOT_FOUND = { 404: ['platform.admin_not_found'] };
const LAST_ADMIN = { ...NOT_FOUND, 409: ['platform.last_admin', 'platform.not_for_this_kind'] };

const ApiAdmin = (): MethodDecorator & ClassDecorator =>
  ApiParam({
    name: 'admin',
    description: 'Id of the platform admin.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  });

@ApiTags('Platform admins')
@Controller('v1/platform/admins')
export class PlatformAdminsController {
  constructor(private readonly admins: PlatformAdminsService) {}

  /** Invite a person, or make a service account, whose secret this answer alone shows. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'platform_admins_add' })
  @ApiRefusals({
    409: ['platform.admin_exists'],
    422: ['roles.unknown'],
    503: ['mail.unavailable'],
  })
  @RequiresPlatform('platform:write')
  async add(
    @CurrentCaller() caller: Caller,
    @Body() { email, name, roles, expiresInHours = HOURS_DEFAULT }: AddPlatformAdminDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PlatformAdminDto> {
    const { admin, clientSecret } =
      email === undefined
        ? await this.admins.createService(caller, { name: name ?? '', roles })
        : {
            admin: await this.admins.invite(caller, {
              email,
              displayName: name ?? null,
              roles,
              hours: expiresInHours,
            }),
            clientSecret: undefined,
          };
    reply.header('Location', `/v1/platform/admins/${admin.id}`);
    return new PlatformAdminDto(admin, clientSecret);
  }

  /** List platform admins, people and service accounts, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'platform_admins_list' })
  @RequiresPlatform('platform:read')
  async list(@Query() query: ListQueryDto): Promise<PlatformAdminsPageDto> {
    const { items, nextCursor } = await this.admins.list(query);
    return new PlatformAdminsPageDto({
      items: items.map((admin) => new PlatformAdminDto(admin)),
      nextCursor,
    });
  }

  /** Read a platform admin. */
  @Get(':admin')
  @ApiOperation({ operationId: 'platform_admins_get' })
  @ApiAdmin()
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:read')
  async get(@Param('admin') id: string): Promise<PlatformAdminDto> {
    return new PlatformAdminDto(await this.admins.get(id));
  }

  /** Change a platform admin's name or roles. */
  @Patch(':admin')
  @ApiOperation({ operationId: 'platform_admins_change' })
  @ApiAdmin()
  @ApiRefusals({ ...LAST_ADMIN, 412: ['request.revision_stale'], 422: ['roles.unknown'] })
  @RequiresPlatform('platform:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('admin') id: string,
    @Body() { name, roles }: ChangePlatformAdminDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<PlatformAdminDto> {
    const changes = { ...(name === undefined ? {} : { name }), ...(roles ? { roles } : {}) };
    return new PlatformAdminDto(await this.admins.change(caller, id, { changes, expected }));
  }

  /** Shut a platform admin out at once, on every node; a person's sessions end everywhere. */
  @Post(':admin/suspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_admins_suspend' })
  @ApiAdmin()
  @ApiRefusals(LAST_ADMIN)
  @RequiresPlatform('platform:write')
  async suspend(
    @CurrentCaller() caller: Caller,
    @Param('admin') id: string,
  ): Promise<PlatformAdminDto> {
    return new PlatformAdminDto(await this.admins.suspend(caller, id));
  }

  /** Let a suspended platform admin in again. */
  @Post(':admin/reactivate')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_admins_reactivate' })
  @ApiAdmin()
  @ApiRefusals({ ...NOT_FOUND, 409: ['platform.not_for_this_kind'] })
  @RequiresPlatform('platform:write')
  async reactivate(
    @CurrentCaller() caller: Caller,
    @Param('admin') id: string,
  ): Promise<PlatformAdminDto> {
    return new PlatformAdminDto(await this.admins.reactivate(caller, id));
  }

  /** Give a service account another secret, which this answer alone shows. */
  @Post(':admin/rotate')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'platform_admins_rotate' })
  @ApiAdmin()
  @ApiRefusals({ ...NOT_FOUND, 409: ['platform.not_for_this_kind'] })
  @RequiresPlatform('platform:write')
  async rotate(
    @CurrentCaller() caller: Caller,
    @Param('admin') id: string,
    @Body() { overlapSeconds = 0 }: RotatePlatformSecretDto,
  ): Promise<PlatformAdminDto> {
    const { admin, clientSecret } = await this.admins.rotate(caller, id, overlapSeconds);
    return new PlatformAdminDto(admin, clientSecret);
  }

  /** Send somebody who was invited another invitation; the old one is dead. */
  @Post(':admin/resend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_admins_resend' })
  @ApiAdmin()
  @ApiRefusals({
    ...NOT_FOUND,
    409: ['platform.not_for_this_kind'],
    503: ['mail.unavailable'],
  })
  @RequiresPlatform('platform:write')
  async resend(
    @CurrentCaller() caller: Caller,
    @Param('admin') id: string,
  ): Promise<PlatformAdminDto> {
    return new PlatformAdminDto(await this.admins.resend(caller, id, HOURS_DEFAULT));
  }

  /** Remove a platform admin; a person keeps the account that they have in tenants. */
  @Delete(':admin')
  @HttpCode(204)
  @ApiOperation({ operationId: 'platform_admins_remove' })
  @ApiAdmin()
  @ApiRefusals({ ...LAST_ADMIN, 412: ['request.revision_stale'] })
  @RequiresPlatform('platform:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('admin') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.admins.remove(caller, id, expected);
  }
}
