import { Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals } from '@tenantry/http';
import { VAULT_SEALED } from '../api-secret.js';
import { KekRotation } from './kek-rotation.js';
import { PlatformVaultDto } from './platform-vault.dto.js';
import { PlatformVaultReading } from './platform-vault-reading.js';

@ApiTags('Vault')
@Controller('v1/platform/vault')
export class PlatformVaultController {
  constructor(
    private readonly reading: PlatformVaultReading,
    private readonly rotation: KekRotation,
  ) {}

  /** See whether the vault is open, what its keys are, and how far they are being replaced. */
  @Get()
  @ApiOperation({ operationId: 'platform_vault_get' })
  @RequiresPlatform('platform:read')
  async get(): Promise<PlatformVaultDto> {
    return new PlatformVaultDto(await this.reading.get());
  }

  /** Replace the key-encryption key: data keys are wrapped anew in the background. */
  @Post('rotate')
  @HttpCode(200)
  @ApiOperation({ operationId: 'platform_vault_rotate' })
  @ApiRefusals(VAULT_SEALED)
  @RequiresPlatform('platform:write')
  async rotate(@CurrentCaller() caller: Caller): Promise<PlatformVaultDto> {
    await this.rotation.begin(caller);
    return this.get();
  }
}
