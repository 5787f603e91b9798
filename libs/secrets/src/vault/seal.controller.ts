import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiTenant } from '@tenantry/http';
import { SealVaultDto } from './seal.dto.js';
import { VaultDto } from './vault.dto.js';
import { VaultReading } from './vault-reading.js';
import { VaultSeals } from './vault-seals.js';

@ApiTags('Vault')
@ApiTenant()
@Controller('v1/tenants/:tenant/secrets')
export class SealController {
  constructor(
    private readonly seals: VaultSeals,
    private readonly reading: VaultReading,
  ) {}

  /** Lock the vault: from now on nobody reveals anything. Values can still be saved, and destroyed. */
  @Post('seal')
  @HttpCode(200)
  @ApiOperation({ operationId: 'vault_seal' })
  @ApiBody({ type: SealVaultDto, required: false })
  @Requires('secrets:write')
  async seal(
    @CurrentCaller() caller: Caller,
    @Body() { reason = null }: SealVaultDto,
  ): Promise<VaultDto> {
    await this.seals.seal(caller, reason);
    return this.#shown(caller);
  }

  /** Open the vault again. Never the platform’s to do. */
  @Post('unseal')
  @HttpCode(200)
  @ApiOperation({ operationId: 'vault_unseal' })
  @Requires('secrets:unseal')
  async unseal(@CurrentCaller() caller: Caller): Promise<VaultDto> {
    await this.seals.unseal(caller);
    return this.#shown(caller);
  }

  async #shown({ scope }: Caller): Promise<VaultDto> {
    return new VaultDto(await this.reading.get(scope));
  }
}
