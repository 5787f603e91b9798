import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, ListQueryDto } from '@tenantry/http';
import { ApiPlatformIssuer, ApiKid, NOT_FOUND } from './api-issuer.js';
import { DistrustKeyDto } from './dto/distrust-key.dto.js';
import { PlatformIssuerDto } from './dto/issuer.dto.js';
import { VerdictDto, VerdictsPageDto } from './dto/verdict.dto.js';
import { ofPlatform } from './issuer-owner.js';
import { IssuerVerbs } from './issuer-verbs.js';
import { KeyDistrust } from './key-distrust.js';

const KEY_NOT_FOUND = { 404: ['issuers.not_found', 'issuers.key_not_found'] };

@ApiTags('Platform issuers')
@ApiPlatformIssuer()
@Controller('v1/platform/issuers/:platformIssuer')
export class PlatformIssuerVerbsController {
  constructor(
    private readonly verbs: IssuerVerbs,
    private readonly keys: KeyDistrust,
  ) {}

  /** Check an issuer of the platform now, and answer when that is done. */
  @Post('recheck')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_issuers_recheck' })
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:write')
  async recheck(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
  ): Promise<PlatformIssuerDto> {
    return new PlatformIssuerDto(await this.verbs.recheck(ofPlatform(caller), id));
  }

  /** Refuse the tokens of an issuer of the platform from now on, on every node. */
  @Post('disable')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_issuers_disable' })
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:write')
  async disable(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
  ): Promise<PlatformIssuerDto> {
    return new PlatformIssuerDto(await this.verbs.disable(ofPlatform(caller), id));
  }

  /** Trust an issuer of the platform again, and check it at once. */
  @Post('enable')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_issuers_enable' })
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:write')
  async enable(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
  ): Promise<PlatformIssuerDto> {
    return new PlatformIssuerDto(await this.verbs.enable(ofPlatform(caller), id));
  }

  /** See how the last checks of an issuer of the platform ended, newest first. */
  @Get('verdicts')
  @ApiOperation({ operationId: 'platform_issuers_verdicts' })
  @ApiRefusals(NOT_FOUND)
  @RequiresPlatform('platform:read')
  async verdicts(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
    @Query() query: ListQueryDto,
  ): Promise<VerdictsPageDto> {
    const { items, nextCursor } = await this.verbs.verdicts(ofPlatform(caller), id, query);
    return new VerdictsPageDto({ items: items.map((entry) => new VerdictDto(entry)), nextCursor });
  }

  /** Refuse one key at once, everywhere, whatever its issuer publishes; the others go on. */
  @Post('keys/:kid/distrust')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_issuers_distrust_key' })
  @ApiKid()
  @ApiBody({ type: DistrustKeyDto, required: false })
  @ApiRefusals({ ...KEY_NOT_FOUND, 409: ['issuers.distrust_limit_reached'] })
  @RequiresPlatform('platform:write')
  async distrust(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
    @Param('kid') name: string,
    @Body() { reason }: DistrustKeyDto,
  ): Promise<PlatformIssuerDto> {
    return new PlatformIssuerDto(
      await this.keys.distrust(ofPlatform(caller), id, {
        name,
        reason: reason ?? null,
      }),
    );
  }

  /** Believe a distrusted key again, as long as its issuer publishes it. */
  @Post('keys/:kid/trust')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_issuers_trust_key' })
  @ApiKid()
  @ApiRefusals(KEY_NOT_FOUND)
  @RequiresPlatform('platform:write')
  async trust(
    @CurrentCaller() caller: Caller,
    @Param('platformIssuer') id: string,
    @Param('kid') name: string,
  ): Promise<PlatformIssuerDto> {
    return new PlatformIssuerDto(await this.keys.trust(ofPlatform(caller), id, name));
  }
}
