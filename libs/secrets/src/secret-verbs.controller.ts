import { Body, Controller, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, type ExpectedRevision, IfMatch } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { ApiSecret, ApiVersion, STALE, VAULT_SEALED } from './api-secret.js';
import { RollBackDto } from './dto/roll-back.dto.js';
import { SecretWithVersionsDto } from './dto/secret.dto.js';
import { SecretReading } from './reading.js';
import { Rollback } from './rollback.js';
import { SecretAlterations } from './secret-alterations.js';
import { SecretName, VersionNumber } from './secret-params.js';

@ApiTags('Secrets')
@ApiTenant()
@ApiSecret()
@Controller('v1/tenants/:tenant/secrets/:secret')
export class SecretVerbsController {
  constructor(
    private readonly alterations: SecretAlterations,
    private readonly rollback: Rollback,
    private readonly reading: SecretReading,
    private readonly clock: Clock,
  ) {}

  /** Destroy the value of one version for good; the others stay. */
  @Post('versions/:version/destroy')
  @HttpCode(200)
  @ApiOperation({ operationId: 'secrets_destroy_version' })
  @ApiVersion()
  @ApiRefusals({ ...STALE, 404: ['secrets.not_found', 'secrets.version_not_found'] })
  @Requires('secrets:write')
  async destroy(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
    @Param('version', VersionNumber) version: number,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<SecretWithVersionsDto> {
    await this.alterations.destroyVersion(caller, { name, expected }, version);
    return this.#shown(caller, name);
  }

  /** Make an older value current again: it becomes the next version. Reveals nothing. */
  @Post('rollback')
  @HttpCode(200)
  @ApiOperation({ operationId: 'secrets_roll_back' })
  @ApiRefusals({
    ...STALE,
    ...VAULT_SEALED,
    404: ['secrets.not_found', 'secrets.version_not_found', 'secrets.destroyed', 'secrets.expired'],
    500: ['secrets.broken'],
  })
  @Requires('secrets:write')
  async rollBack(
    @CurrentCaller() caller: Caller,
    @Param('secret', SecretName) name: string,
    @Body() { version }: RollBackDto,
    @IfMatch() expected: ExpectedRevision,
  ): Promise<SecretWithVersionsDto> {
    await this.rollback.rollBack(caller, name, version, expected);
    return this.#shown(caller, name);
  }

  async #shown(caller: Caller, name: string): Promise<SecretWithVersionsDto> {
    const { secret, versions } = await this.reading.get(caller, name);
    return new SecretWithVersionsDto(secret, versions, this.clock.now());
  }
}
