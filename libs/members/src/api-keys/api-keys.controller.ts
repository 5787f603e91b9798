import {
  Body,
  Controller,
  Delete,
  Get,
  Header,
  HttpCode,
  Param,
  Post,
  Query,
  Res,
} from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto, RequestInvalid } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { ApiAccount, GIVING, NOT_FOUND } from '../service-accounts/api-service-account.js';
import { flawOfExpiry } from './api-key.js';
import { ApiKeyReading } from './api-key-reading.js';
import { ApiKeysService } from './api-keys.service.js';
import { ApiKeyDto, ApiKeysPageDto, IssuedApiKeyDto } from './dto/api-key.dto.js';
import { IssueApiKeyDto } from './dto/issue-api-key.dto.js';
import { KeyDigests } from './key-digests.js';

@ApiTags('Service accounts')
@ApiTenant()
@ApiAccount()
@Controller('v1/tenants/:tenant/service-accounts/:account/keys')
export class ApiKeysController {
  constructor(
    private readonly keys: ApiKeysService,
    private readonly reading: ApiKeyReading,
    private readonly digests: KeyDigests,
    private readonly clock: Clock,
  ) {}

  /** Issue a key for a service account; it is shown in this answer alone. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'api_keys_issue' })
  @ApiRefusals({ ...GIVING, 409: ['api_keys.limit_reached', 'service_accounts.suspended'] })
  @Requires('credentials:write')
  async issue(
    @CurrentCaller() caller: Caller,
    @Param('account') accountId: string,
    @Body() { name, expiresAt = null }: IssueApiKeyDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<IssuedApiKeyDto> {
    const flaw = flawOfExpiry(expiresAt, this.clock.now());
    if (flaw) throw new RequestInvalid([{ pointer: '/expiresAt', message: flaw }]);
    const minted = this.digests.mint();
    const key = await this.keys.issue({ caller, accountId }, { name, expiresAt }, minted);
    const path = `/v1/tenants/${caller.scope.tenantId}/service-accounts/${accountId}/keys`;
    reply.header('Location', `${path}/${key.id}`);
    return new IssuedApiKeyDto(key, minted.text);
  }

  /** List the keys of a service account, oldest first. */
  @Get()
  @ApiOperation({ operationId: 'api_keys_list' })
  @ApiRefusals(NOT_FOUND)
  @Requires('members:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Param('account') accountId: string,
    @Query() query: ListQueryDto,
  ): Promise<ApiKeysPageDto> {
    const { items, nextCursor } = await this.reading.list({ caller, accountId }, query);
    return new ApiKeysPageDto({ items: items.map((key) => new ApiKeyDto(key)), nextCursor });
  }

  /** Revoke a key at once, on every node. */
  @Delete(':apiKey')
  @HttpCode(204)
  @ApiOperation({ operationId: 'api_keys_revoke' })
  @ApiParam({
    name: 'apiKey',
    description: 'Id of the key.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  @ApiRefusals({
    403: ['access.tenant_claimed'],
    404: ['service_accounts.not_found', 'api_keys.not_found'],
  })
  @Requires('credentials:write')
  async revoke(
    @CurrentCaller() caller: Caller,
    @Param('account') accountId: string,
    @Param('apiKey') id: string,
  ): Promise<void> {
    await this.keys.revoke({ caller, accountId }, id);
  }
}
