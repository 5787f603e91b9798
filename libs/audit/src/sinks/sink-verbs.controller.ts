import { Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto } from '@tenantry/http';
import { ApiSink, NOT_FOUND } from './api-sink.js';
import { AuditDeadLetterDto, AuditDeadLettersPageDto } from './dto/dead-letter.dto.js';
import { AuditSinkTestDto } from './dto/sink-test.dto.js';
import { AuditSinkWithSecretDto } from './dto/sink.dto.js';
import { SinkTrials } from './sink-trials.js';
import { SinksService } from './sinks.service.js';

@ApiTags('Audit')
@ApiTenant()
@ApiSink()
@Controller('v1/tenants/:tenant/audit/sinks/:sink')
export class SinkVerbsController {
  constructor(
    private readonly sinks: SinksService,
    private readonly trials: SinkTrials,
  ) {}

  /** Give a sink a new secret; the one before signs along for a day. */
  @Post('rotate')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'audit_rotateSink' })
  @ApiRefusals(NOT_FOUND)
  @Requires('audit:write')
  async rotate(
    @CurrentCaller() caller: Caller,
    @Param('sink') id: string,
  ): Promise<AuditSinkWithSecretDto> {
    return new AuditSinkWithSecretDto(await this.sinks.rotate(caller, id));
  }

  /** Send a sink a message that tells of nothing, and say what its receiver made of it. */
  @Post('test')
  @HttpCode(200)
  @ApiOperation({ operationId: 'audit_testSink' })
  @ApiRefusals({ ...NOT_FOUND, 429: ['audit.sink_busy'] })
  @Requires('audit:write')
  async test(
    @CurrentCaller() caller: Caller,
    @Param('sink') id: string,
  ): Promise<AuditSinkTestDto> {
    return new AuditSinkTestDto(await this.trials.test(caller, id));
  }

  /** List what a sink did not take after all attempts. */
  @Get('dead-letters')
  @ApiOperation({ operationId: 'audit_listDeadLetters' })
  @ApiRefusals(NOT_FOUND)
  @Requires('audit:read')
  async deadLetters(
    @CurrentCaller() caller: Caller,
    @Param('sink') id: string,
    @Query() query: ListQueryDto,
  ): Promise<AuditDeadLettersPageDto> {
    const { items, nextCursor } = await this.trials.deadLetters(caller, id, query);
    return new AuditDeadLettersPageDto({
      items: items.map((letter) => new AuditDeadLetterDto(letter)),
      nextCursor,
    });
  }

  /** Send a sink what it did not take, now and once more. */
  @Post('dead-letters/:letter/redeliver')
  @HttpCode(200)
  @ApiOperation({ operationId: 'audit_redeliver' })
  @ApiParam({
    name: 'letter',
    description: 'Id of the dead letter.',
    example: '01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d',
  })
  @ApiRefusals({
    404: ['audit.sink_not_found', 'audit.dead_letter_not_found'],
    409: ['audit.dead_letter_empty'],
    429: ['audit.sink_busy'],
    503: ['audit.sink_failed'],
  })
  @Requires('audit:write')
  async redeliver(
    @CurrentCaller() caller: Caller,
    @Param('sink') id: string,
    @Param('letter') letterId: string,
  ): Promise<AuditDeadLetterDto> {
    return new AuditDeadLetterDto(await this.trials.redeliver(caller, id, letterId));
  }
}
