import { Body, Controller, Delete, HttpCode, Param, Put } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { ApiRefusals, ApiTenant, type ExpectedRevision, IfMatch } from '@tenantry/http';
import { ApiIssuer, NOT_FOUND } from '../api-issuer.js';
import { IssuerDto } from '../dto/issuer.dto.js';
import { SetSignInDto } from '../dto/sign-in.dto.js';
import { ofTenant } from '../issuer-owner.js';
import { SignInClients } from './sign-in-clients.js';

const REFUSALS = {
  ...NOT_FOUND,
  403: ['members.escalation', 'access.tenant_claimed'],
  412: ['request.revision_stale'],
};

@ApiTags('Issuers')
@ApiTenant()
@ApiIssuer()
@Controller('v1/tenants/:tenant/issuers/:issuer/sign-in')
export class SignInClientController {
  constructor(
    private readonly clients: SignInClients,
    private readonly config: AppConfig,
  ) {}

  /** Let people sign in by a browser at this issuer; the client is registered there beforehand. */
  @Put()
  @ApiOperation({ operationId: 'issuers_set_sign_in' })
  @ApiRefusals({ ...REFUSALS, 422: ['issuers.sign_in_unavailable'] })
  @Requires('issuers:write')
  async set(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @Body() { clientId, clientSecret }: SetSignInDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<IssuerDto> {
    const wanted = { clientId, clientSecret: clientSecret ?? null };
    const issuer = await this.clients.set(ofTenant(caller), id, { wanted, expected });
    return new IssuerDto(issuer, this.config.publicUrl);
  }

  /** Let nobody sign in by a browser at this issuer any more; its tokens open what they opened. */
  @Delete()
  @HttpCode(204)
  @ApiOperation({ operationId: 'issuers_remove_sign_in' })
  @ApiRefusals(REFUSALS)
  @Requires('issuers:write')
  async remove(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<void> {
    await this.clients.remove(ofTenant(caller), id, expected);
  }
}
