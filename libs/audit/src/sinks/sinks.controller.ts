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
  RequiredIfMatch,
} from '@tenantry/http';
import { ApiSink, NOT_FOUND } from './api-sink.js';
import { ChangeAuditSinkDto, CreateAuditSinkDto } from './dto/save-sink.dto.js';
import { AuditSinkDto, AuditSinksPageDto, AuditSinkWithSecretDto } from './dto/sink.dto.js';
import { SinksService } from './sinks.service.js';

const STALE = { 412: ['request.revision_stale'] };
const FORBIDDEN_URL = { 422: ['audit.sink_url_forbidden'] };

@ApiTags('Audit')
@ApiTenant()
@Controller('v1/tenants/:tenant/audit/sinks')
export class SinksController {
  constructor(private readonly sinks: SinksService) {}

  /** Have the trail sent somewhere; the secret that signs is shown in this answer alone. */
  @Post()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'audit_createSink' })
  @ApiRefusals({ ...FORBIDDEN_URL, 409: ['audit.sink_limit_reached'] })
  @Requires('audit:write')
  async create(
    @CurrentCaller() caller: Caller,
    @Body() body: CreateAuditSinkDto,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AuditSinkWithSecretDto> {
    const made = await this.sinks.create(caller, body);
    const { tenantId } = caller.scope;
    reply.header('Location', `/v1/tenants/${tenantId}/audit/sinks/${made.sink.id}`);
    return new AuditSinkWithSecretDto(made);
  }

  /** List where the trail is sent, and how that goes. */
  @Get()
  @ApiOperation({ operationId: 'audit_listSinks' })
  @Requires('audit:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<AuditSinksPageDto> {
    const { items, nextCursor } = await this.sinks.list(caller, query);
    return new AuditSinksPageDto({
      items: items.map((sink) => new AuditSinkDto(sink)),
      nextCursor,
    });
  }

  /** Read one sink. */
  @Get(':sink')
  @ApiOperation({ operationId: 'audit_getSink' })
  @ApiSink()
  @ApiRefusals(NOT_FOUND)
  @Requires('audit:read')
  async get(@CurrentCaller() caller: Caller, @Param('sink') id: string): Promise<AuditSinkDto> {
    return new AuditSinkDto(await this.sinks.get(caller.scope, id));
  }

  /** Rename a sink, move it, stop it or have it go on. */
  @Patch(':sink')
  @ApiOperation({ operationId: 'audit_changeSink' })
  @ApiSink()
  @ApiRefusals({
    ...NOT_FOUND,
    ...STALE,
    ...FORBIDDEN_URL,
    428: ['request.precondition_required'],
  })
  @Requires('audit:write')
  async change(
    @CurrentCaller() caller: Caller,
    @Param('sink') id: string,
    @Body() changes: ChangeAuditSinkDto,
    @RequiredIfMatch() expected: ExpectedRevision,
  ): Promise<AuditSinkDto> {
    return new AuditSinkDto(await this.sinks.change(caller, id, { changes, expected }));
  }

  /** Send the trail there no more, and forget what was not taken. */
  @Delete(':sink')
  @HttpCode(204)
  @ApiOperation({ operationId: 'audit_removeSink' })
  @ApiSink()
  @ApiRefusals({ ...NOT_FOUND, ...STALE })
  @Requires('audit:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('sink') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.sinks.remove(caller, id, expected);
  }
}
