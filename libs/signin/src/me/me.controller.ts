import { Controller, Get, Header } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, Csrf, CurrentCaller, RequiresActor } from '@tenantry/access';
import { MeDto } from './me.dto.js';

@ApiTags('Service')
@Controller('v1/me')
export class MeController {
  constructor(private readonly csrf: Csrf) {}

  /** Who the bearer of this token is, in which tenant, and what they may do there. */
  @Get()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'me_get' })
  @RequiresActor()
  get(@CurrentCaller() caller: Caller): MeDto {
    const { by, sessionId } = caller.actor;
    // Whoever came by a provider has no other way to get it; no other page can read this answer.
    const isBrowser = by === 'cookie' && sessionId !== null;
    return new MeDto(caller, isBrowser ? this.csrf.tokenOf(sessionId) : undefined);
  }
}
