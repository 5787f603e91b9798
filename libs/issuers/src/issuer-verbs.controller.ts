import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import {
  ApiRefusals,
  ApiTenant,
  type ExpectedRevision,
  IfMatch,
  ListQueryDto,
} from '@tenantry/http';
import { ApiIssuer, ApiKid, NOT_FOUND, REMOVAL_REFUSALS } from './api-issuer.js';
import { DistrustKeyDto } from './dto/distrust-key.dto.js';
import { IssuerDto } from './dto/issuer.dto.js';
import { VerdictDto, VerdictsPageDto } from './dto/verdict.dto.js';
import type { Issuer } from './issuer.js';
import { ofTenant } from './issuer-owner.js';
import { IssuerVerbs } from './issuer-verbs.js';
import { KeyDistrust } from './key-distrust.js';

const KEY_NOT_FOUND = { 404: ['issuers.not_found', 'issuers.key_not_found'] };

@ApiTags('Issuers')
@ApiTenant()
@ApiIssuer()
@Controller('v1/tenants/:tenant/issuers/:issuer')
export class IssuerVerbsController {
  constructor(
    private readonly verbs: IssuerVerbs,
    private readonly keys: KeyDistrust,
    private readonly config: AppConfig,
  ) {}

  #dto(issuer: Issuer): IssuerDto {
    return new IssuerDto(issuer, this.config.publicUrl);
  }

  /** Check an issuer now, and answer when that is done. */
  @Post('recheck')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_recheck' })
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:write')
  async recheck(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return this.#dto(await this.verbs.recheck(ofTenant(caller), id));
  }

  /** Refuse an issuer's tokens from now on, on every node. */
  @Post('disable')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_disable' })
  @ApiRefusals({ ...NOT_FOUND, ...REMOVAL_REFUSALS })
  @Requires('issuers:write')
  async disable(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return this.#dto(await this.verbs.disable(ofTenant(caller), id));
  }

  /** Trust an issuer again, and check it at once. */
  @Post('enable')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_enable' })
  @ApiRefusals({ ...NOT_FOUND, 403: ['members.escalation', 'access.tenant_claimed'] })
  @Requires('issuers:write')
  async enable(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return this.#dto(await this.verbs.enable(ofTenant(caller), id));
  }

  /** Show that the issuer is the tenant's own, by the DNS TXT record that `ownership` names. */
  @Post('prove')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_prove' })
  @ApiRefusals({
    ...NOT_FOUND,
    403: ['members.escalation', 'access.tenant_claimed'],
    409: ['issuers.ownership_unproven', 'issuers.not_disjoint', 'issuers.changed_meanwhile'],
    503: ['issuers.ownership_lookup_failed'],
  })
  @Requires('issuers:write')
  async prove(@CurrentCaller() caller: Caller, @Param('issuer') id: string): Promise<IssuerDto> {
    return this.#dto(await this.verbs.prove(ofTenant(caller), id));
  }

  /**
   * Vouch, as a platform admin, that the tenant owns the issuer; or, as a second person, for a
   * guest. Under `If-Match`, nothing is approved but what was read.
   */
  @Post('approve')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_approve' })
  @ApiRefusals({
    ...NOT_FOUND,
    403: ['issuers.second_person_required', 'members.escalation', 'access.tenant_claimed'],
    409: ['issuers.not_disjoint', 'issuers.changed_meanwhile'],
    412: ['request.revision_stale'],
    422: ['issuers.sponsor_unknown', 'roles.unknown'],
  })
  @Requires('issuers:write')
  async approve(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<IssuerDto> {
    return this.#dto(await this.verbs.approve(ofTenant(caller), id, expected));
  }

  /** See how the last checks of an issuer ended, newest first. */
  @Get('verdicts')
  @ApiOperation({ operationId: 'issuers_verdicts' })
  @ApiRefusals(NOT_FOUND)
  @Requires('issuers:read')
  async verdicts(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @Query() query: ListQueryDto,
  ): Promise<VerdictsPageDto> {
    const { items, nextCursor } = await this.verbs.verdicts(ofTenant(caller), id, query);
    return new VerdictsPageDto({ items: items.map((entry) => new VerdictDto(entry)), nextCursor });
  }

  /** Refuse one key at once, everywhere, whatever its issuer publishes; the others go on. */
  @Post('keys/:kid/distrust')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_distrust_key' })
  @ApiKid()
  @ApiBody({ type: DistrustKeyDto, required: false })
  @ApiRefusals({
    ...KEY_NOT_FOUND,
    ...REMOVAL_REFUSALS,
    409: ['issuers.distrust_limit_reached'],
  })
  @Requires('issuers:write')
  async distrust(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @Param('kid') name: string,
    @Body() { reason }: DistrustKeyDto,
  ): Promise<IssuerDto> {
    return this.#dto(
      await this.keys.distrust(ofTenant(caller), id, {
        name,
        reason: reason ?? null,
      }),
    );
  }

  /** Believe a distrusted key again, as long as its issuer publishes it. */
  @Post('keys/:kid/trust')
  @HttpCode(200)
  @ApiOperation({ operationId: 'issuers_trust_key' })
  @ApiKid()
  @ApiRefusals({ ...KEY_NOT_FOUND, 403: ['members.escalation', 'access.tenant_claimed'] })
  @Requires('issuers:write')
  async trust(
    @CurrentCaller() caller: Caller,
    @Param('issuer') id: string,
    @Param('kid') name: string,
  ): Promise<IssuerDto> {
    return this.#dto(await this.keys.trust(ofTenant(caller), id, name));
  }
}
