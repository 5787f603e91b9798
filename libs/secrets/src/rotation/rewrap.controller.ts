import { Controller, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { VAULT_SEALED } from '../api-secret.js';
import { VaultDto } from '../vault/vault.dto.js';
import { VaultReading } from '../vault/vault-reading.js';
import { DataKeyRotation } from './data-key-rotation.js';

@ApiTags('Vault')
@ApiTenant()
@Controller('v1/tenants/:tenant/secrets/rewrap')
export class RewrapController {
  constructor(
    private readonly rotation: DataKeyRotation,
    private readonly reading: VaultReading,
  ) {}

  /** Replace the tenant’s data key: its values are sealed anew in the background. */
  @Post()
  @HttpCode(200)
  @ApiOperation({ operationId: 'secrets_rewrap' })
  @ApiRefusals(VAULT_SEALED)
  @Requires('secrets:write')
  async rewrap(@CurrentCaller() caller: Caller): Promise<VaultDto> {
    await this.rotation.begin(caller);
    return new VaultDto(await this.reading.get(caller.scope));
  }
}
