import { Body, Controller, Header, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant } from '@tenantry/http';
import { AccountChanges } from './account-changes.js';
import { AccountReading } from './account-reading.js';
import { ALTERING, ApiAccount, GIVING } from './api-service-account.js';
import { RotateSecretDto } from './dto/rotate-secret.dto.js';
import { ServiceAccountDto, ServiceAccountWithSecretDto } from './dto/service-account.dto.js';
import { SecretRotation } from './secret-rotation.js';

@ApiTags('Service accounts')
@ApiTenant()
@ApiAccount()
@Controller('v1/tenants/:tenant/service-accounts/:account')
export class ServiceAccountVerbsController {
  constructor(
    private readonly reading: AccountReading,
    private readonly changes: AccountChanges,
    private readonly rotation: SecretRotation,
  ) {}

  /** Give a service account a new secret, shown in this answer alone. */
  @Post('rotate')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'service_accounts_rotate' })
  @ApiRefusals(GIVING)
  @Requires('credentials:write')
  async rotate(
    @CurrentCaller() caller: Caller,
    @Param('account') id: string,
    @Body() { overlapSeconds = 0 }: RotateSecretDto,
  ): Promise<ServiceAccountWithSecretDto> {
    const { text } = await this.rotation.rotate(caller, id, overlapSeconds);
    return new ServiceAccountWithSecretDto(await this.reading.get(caller, id), text);
  }

  /** Shut a service account out at once, on every node; its keys end for good. */
  @Post('suspend')
  @HttpCode(200)
  @ApiOperation({ operationId: 'service_accounts_suspend' })
  @ApiRefusals(ALTERING)
  @Requires('credentials:write')
  async suspend(
    @CurrentCaller() caller: Caller,
    @Param('account') id: string,
  ): Promise<ServiceAccountDto> {
    await this.changes.suspend(caller, id);
    return new ServiceAccountDto(await this.reading.get(caller, id));
  }

  /** Let a suspended service account in again, by its secret. */
  @Post('reactivate')
  @HttpCode(200)
  @ApiOperation({ operationId: 'service_accounts_reactivate' })
  @ApiRefusals(GIVING)
  @Requires('credentials:write')
  async reactivate(
    @CurrentCaller() caller: Caller,
    @Param('account') id: string,
  ): Promise<ServiceAccountDto> {
    await this.changes.reactivate(caller, id);
    return new ServiceAccountDto(await this.reading.get(caller, id));
  }
}
