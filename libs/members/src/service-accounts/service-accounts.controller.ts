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
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import {
  ApiRefusals,
  ApiTenant,
  type ExpectedRevision,
  IfMatch,
  ListQueryDto,
} from '@tenantry/http';
import { AccountChanges } from './account-changes.js';
import { AccountMaking } from './account-making.js';
import { AccountReading } from './account-reading.js';
import { ALTERING, ApiAccount, NOT_FOUND } from './api-service-account.js';
import { ChangeServiceAccountDto } from './dto/change-service-account.dto.js';
import { MakeServiceAccountDto } from './dto/make-service-account.dto.js';
import {
  ServiceAccountDto,
  ServiceAccountsPageDto,
  ServiceAccountWithSecretDto,
} from './dto/service-account.dto.js';

@ApiTags('Service accounts')
@ApiTenant()
@Controller('v1/tenants/:tenant/service-accounts')
export class ServiceAccountsController {
  constructor(
    private readonly reading: AccountReading,
    private readonly making: AccountMaking,
    private readonly changes: AccountChanges,
  ) {}

  /** Make a service account; its secret is shown in this answer alone. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'service_accounts_create' })
  @ApiRefusals({
    403: ['members.escalation', 'access.tenant_claimed'],
    409: ['service_accounts.limit_reached'],
    422: ['roles.unknown'],
  })
  @Requires('credentials:write')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() { name, roles, grants = [] }: MakeServiceAccountDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ServiceAccountWithSecretDto> {
    const made = await this.making.make(caller, { name, roles, grants });
    const account = await this.reading.get(caller, made.id);
    reply.header('Location', `/v1/tenants/${caller.scope.tenantId}/service-accounts/${made.id}`);
    return new ServiceAccountWithSecretDto(account, made.secret.text);
  }

  /** List service accounts, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'service_accounts_list' })
  @Requires('members:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<ServiceAccountsPageDto> {
    const { items, nextCursor } = await this.reading.list(caller, query);
    const accounts = items.map((account) => new ServiceAccountDto(account));
    return new ServiceAccountsPageDto({ items: accounts, nextCursor });
  }

  /** Read a service account. */
  @Get(':account')
  @ApiOperation({ operationId: 'service_accounts_get' })
  @ApiAccount()
  @ApiRefusals(NOT_FOUND)
  @Requires('members:read')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('account') id: string,
  ): Promise<ServiceAccountDto> {
    return new ServiceAccountDto(await this.reading.get(caller, id));
  }

  /** Change a service account's name, roles or grants. */
  @Patch(':account')
  @ApiOperation({ operationId: 'service_accounts_change' })
  @ApiAccount()
  @ApiRefusals({
    ...ALTERING,
    403: ['members.escalation', 'access.tenant_claimed'],
    412: ['request.revision_stale'],
    422: ['roles.unknown'],
  })
  @Requires('credentials:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('account') id: string,
    @Body() changes: ChangeServiceAccountDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<ServiceAccountDto> {
    await this.changes.change(caller, id, { changes, expected });
    return new ServiceAccountDto(await this.reading.get(caller, id));
  }

  /** Remove a service account, with its secret and its keys. */
  @Delete(':account')
  @HttpCode(204)
  @ApiOperation({ operationId: 'service_accounts_remove' })
  @ApiAccount()
  @ApiRefusals({ ...ALTERING, 412: ['request.revision_stale'] })
  @Requires('credentials:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('account') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.changes.remove(caller, id, expected);
  }
}
