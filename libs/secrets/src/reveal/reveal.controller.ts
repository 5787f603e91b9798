import { Body, Controller, Get, Header, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, NotIdempotent } from '@tenantry/http';
import { ApiSecret, VAULT_SEALED } from '../api-secret.js';
import {
  RevealedDto,
  RevealedListDto,
  RevealSecretsDto,
  ValueQueryDto,
} from '../dto/revealed.dto.js';
import { SecretNotFound } from '../secrets.errors.js';
import { SecretName } from '../secret-params.js';
import { RevealService } from './reveal.service.js';

const REFUSALS = {
  ...VAULT_SEALED,
  403: ['secrets.server_only', 'secrets.consent_missing', 'secrets.sealed'],
  404: ['secrets.not_found', 'secrets.version_not_found', 'secrets.destroyed', 'secrets.expired'],
  500: ['secrets.broken'],
};

@ApiTags('Secrets')
@ApiTenant()
@Controller('v1/tenants/:tenant/secrets')
export class RevealController {
  constructor(private readonly secrets: RevealService) {}

  /** Reveal one value to a service account; on record before it is answered. */
  @Get(':secret/value')
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'secrets_reveal' })
  @ApiSecret()
  @ApiRefusals(REFUSALS)
  @Requires('secrets:reveal', { enginesByConsent: true })
  async reveal(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
    @Query() { version }: ValueQueryDto,
  ): Promise<RevealedDto> {
    const [revealed] = await this.secrets.reveal(caller, [name], version ?? null);
    if (!revealed) throw new SecretNotFound();
    return new RevealedDto(revealed);
  }

  /** Reveal several values in one request, all or none; each is on record by itself. */
  @Post('reveal')
  @HttpCode(200)
  // An answer that is kept for its repetitions would keep values where none belong.
  @NotIdempotent()
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'secrets_reveal_many' })
  @ApiRefusals({ ...REFUSALS, 422: ['secrets.reveal_too_large'] })
  @Requires('secrets:reveal', { enginesByConsent: true })
  async revealMany(
    @CurrentCaller() caller: Caller,
    @Body() { names }: RevealSecretsDto,
  ): Promise<RevealedListDto> {
    return new RevealedListDto(await this.secrets.reveal(caller, names));
  }
}
