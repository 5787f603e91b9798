import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresActor } from '@tenantry/access';
import { MeDto } from './me.dto.js';

@ApiTags('Service')
@Controller('v1/me')
export class MeController {
  /** Who the bearer of this token is, in which tenant, and what they may do there. */
  @Get()
  @ApiOperation({ operationId: 'me_get' })
  @RequiresActor()
  get(@CurrentCaller() caller: Caller): MeDto {
    return new MeDto(caller);
  }
}
