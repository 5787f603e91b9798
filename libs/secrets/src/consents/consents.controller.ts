import { Body, Controller, Get, Put } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ArrayBody } from '@tenantry/http';
import type { GivenConsent } from './consent.js';
import { ConsentDto, ConsentsPageDto, GivenConsentDto } from './consent.dto.js';
import { ConsentsService } from './consents.service.js';

/** So few that they are answered, and replaced, in one piece. */
const CONSENTS_MAX = 200;

@ApiTags('Secrets')
@ApiTenant()
@Controller('v1/tenants/:tenant/secrets/consents')
export class ConsentsController {
  constructor(private readonly consents: ConsentsService) {}

  /** See which engines may reveal what: all of it, on one page. */
  @Get()
  @ApiOperation({ operationId: 'secrets_consents_list' })
  @Requires('secrets:read')
  async list(@CurrentCaller() caller: Caller): Promise<ConsentsPageDto> {
    return pageOf(await this.consents.list(caller));
  }

  /** Say anew which engines may reveal what, in place of all before; for whoever may reveal too. */
  @Put()
  @ApiOperation({ operationId: 'secrets_consents_replace' })
  @ApiBody({ type: [ConsentDto], description: `At most ${CONSENTS_MAX}; none withdraws all.` })
  @ApiRefusals({
    403: ['members.escalation', 'access.tenant_claimed'],
    422: ['secrets.consent_account_unknown'],
  })
  @Requires('secrets:write')
  async replace(
    @CurrentCaller() caller: Caller,
    @Body(new ArrayBody(ConsentDto, CONSENTS_MAX)) wanted: ConsentDto[],
  ): Promise<ConsentsPageDto> {
    return pageOf(await this.consents.replace(caller, wanted));
  }
}

function pageOf(consents: readonly GivenConsent[]): ConsentsPageDto {
  const items = consents.map((consent) => new GivenConsentDto(consent));
  return new ConsentsPageDto({ items, nextCursor: null });
}
