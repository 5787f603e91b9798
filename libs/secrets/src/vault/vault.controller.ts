import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, ListQueryDto, RequestInvalid } from '@tenantry/http';
import { ShredCertificateDto, ShredCertificatesPageDto, ShredVaultDto } from './shred.dto.js';
import { ShredCertificates } from './shred-certificates.js';
import { Shredding } from './shredding.js';
import { VaultDto } from './vault.dto.js';
import { VaultReading } from './vault-reading.js';

@ApiTags('Vault')
@ApiTenant()
@Controller('v1/tenants/:tenant/vault')
export class VaultController {
  constructor(
    private readonly reading: VaultReading,
    private readonly shredding: Shredding,
    private readonly certificates: ShredCertificates,
  ) {}

  /** See whether the vault is sealed, which keys it has, and how far they are being replaced. */
  @Get()
  @ApiOperation({ operationId: 'vault_get' })
  @Requires('secrets:read')
  async get(@CurrentCaller() { scope }: Caller): Promise<VaultDto> {
    return new VaultDto(await this.reading.get(scope));
  }

  /** Destroy the keys of the vault, and with them every value in it, for good, and certify it. */
  @Post('shred')
  @HttpCode(200)
  @ApiOperation({ operationId: 'vault_shred' })
  @ApiRefusals({ 409: ['vault.nothing_to_shred'] })
  @Requires('secrets:unseal')
  async shred(
    @CurrentCaller() caller: Caller,
    @Body() { confirm, reason = null }: ShredVaultDto,
  ): Promise<ShredCertificateDto> {
    if (confirm !== caller.tenant?.slug) {
      throw new RequestInvalid([{ pointer: '/confirm', message: 'must be the tenant’s slug' }]);
    }
    return new ShredCertificateDto(await this.shredding.shred(caller.scope, caller, reason));
  }

  /** List the certificates of what was destroyed, the newest first. */
  @Get('certificates')
  @ApiOperation({ operationId: 'vault_certificates_list' })
  @Requires('secrets:read')
  async list(
    @CurrentCaller() caller: Caller,
    @Query() query: ListQueryDto,
  ): Promise<ShredCertificatesPageDto> {
    const { items, nextCursor } = await this.certificates.list(caller, query);
    return new ShredCertificatesPageDto({
      items: items.map((item) => new ShredCertificateDto(item)),
      nextCursor,
    });
  }
}
