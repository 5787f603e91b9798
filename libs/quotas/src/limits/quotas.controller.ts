import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import {
  ApiRefusals,
  ApiTenant,
  type ExpectedRevision,
  IfMatch,
  IfNoneMatch,
  ListQueryDto,
} from '@tenantry/http';
import { QuotaDto, QuotasPageDto } from './dto/quota.dto.js';
import { SetQuotaDto } from './dto/set-quota.dto.js';
import { ApiKind, KindName } from './kind-param.js';
import { QuotaReading } from './quota-reading.js';
import { QuotaWriting } from './quota-writing.js';
import { wantedQuota } from './wanted-quota.js';

const NOT_FOUND = { 404: ['quotas.not_found'] };

@ApiTags('Quotas')
@ApiTenant()
@Controller('v1/tenants/:tenant/quotas')
export class QuotasController {
  constructor(
    private readonly reading: QuotaReading,
    private readonly writing: QuotaWriting,
  ) {}

  /** List what is allowed of each kind, by the tenant or its plan, with what remains. */
  @Get()
  @ApiOperation({ operationId: 'quotas_list' })
  @Requires('quotas:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<QuotasPageDto> {
    const { items, nextCursor } = await this.reading.list(caller, query);
    return new QuotasPageDto({ items: items.map((item) => new QuotaDto(item)), nextCursor });
  }

  /** Read what is allowed of a kind, with what remains. */
  @Get(':kind')
  @ApiOperation({ operationId: 'quotas_get' })
  @ApiKind()
  @ApiRefusals(NOT_FOUND)
  @Requires('quotas:read')
  async get(
    @CurrentCaller() caller: Caller,
    @Param('kind', KindName) kind: string,
  ): Promise<QuotaDto> {
    return new QuotaDto(await this.reading.get(caller, kind));
  }

  /** Say what is allowed of a kind, on every node at once; what was spent already stays spent. */
  @Put(':kind')
  @ApiOperation({ operationId: 'quotas_set' })
  @ApiKind()
  @ApiCreatedResponse({ type: QuotaDto, description: 'The tenant had none of its own.' })
  @ApiOkResponse({ type: QuotaDto, description: 'It stands in place of the one before.' })
  @ApiRefusals({
    400: ['request.if_match_malformed', 'request.if_none_match_malformed'],
    403: ['quotas.fixed'],
    409: ['quotas.limit_reached'],
    412: ['request.revision_stale', 'quotas.exists'],
  })
  @Requires('quotas:write')
  async set(
    @CurrentCaller() caller: Caller,
    @Param('kind', KindName) kind: string,
    @Body() body: SetQuotaDto,
    @IfMatch() expected: ExpectedRevision,
    @IfNoneMatch() isNew: boolean,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<QuotaDto> {
    const condition = { expected, isNew };
    const isCreated = await this.writing.set(caller, kind, wantedQuota(body), condition);
    if (isCreated) {
      reply.status(201).header('Location', `/v1/tenants/${caller.scope.tenantId}/quotas/${kind}`);
    }
    return new QuotaDto(await this.reading.get(caller, kind));
  }

  /** Remove the tenant’s own quota of a kind: its plan’s holds then, or none. */
  @Delete(':kind')
  @HttpCode(204)
  @ApiOperation({ operationId: 'quotas_remove' })
  @ApiKind()
  @ApiRefusals({ ...NOT_FOUND, 403: ['quotas.fixed'], 412: ['request.revision_stale'] })
  @Requires('quotas:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('kind', KindName) kind: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.writing.remove(caller, kind, expected);
  }
}
