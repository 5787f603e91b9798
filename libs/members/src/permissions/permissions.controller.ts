import { Body, Controller, Get, Put, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresActor, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ListQueryDto } from '@tenantry/http';
import { PermissionDto, PermissionsPageDto, RegisterPermissionsDto } from './permission.dto.js';
import { type KnownPermission, PermissionsService } from './permissions.service.js';

@ApiTags('Roles')
@Controller('v1')
export class PermissionsController {
  constructor(private readonly permissions: PermissionsService) {}

  /** List every permission that roles may hold: the built-in ones, then those of engines. */
  @Get('permissions')
  @ApiOperation({ operationId: 'permissions_list' })
  @RequiresActor()
  async list(
    @CurrentCaller() { tenant }: Caller,
    @Query() query: ListQueryDto,
  ): Promise<PermissionsPageDto> {
    const { items, nextCursor } = await this.permissions.list(tenant?.id ?? '', query);
    return pageDto(items, nextCursor);
  }

  /** Register an engine's own permissions, in the place of those that this account had registered. */
  @Put('platform/permissions')
  @ApiOperation({ operationId: 'permissions_register' })
  @ApiRefusals({ 409: ['permissions.taken'], 422: ['permissions.built_in'] })
  @RequiresPlatform('permissions:write')
  async register(
    @CurrentCaller() caller: Caller,
    @Body() { permissions }: RegisterPermissionsDto,
  ): Promise<PermissionsPageDto> {
    return pageDto(await this.permissions.register(caller, permissions), null);
  }
}

function pageDto(items: readonly KnownPermission[], nextCursor: string | null): PermissionsPageDto {
  return new PermissionsPageDto({
    items: items.map((item) => new PermissionDto(item)),
    nextCursor,
  });
}
