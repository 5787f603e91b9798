import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresActor } from '@tenantry/access';
import { ApiRefusals } from '@tenantry/http';
import {
  ConfirmSecondFactorDto,
  ProposedSecondFactorDto,
  ProposeSecondFactorDto,
  ProveSecondFactorDto,
  RecoveryCodesDto,
} from './dto/second-factor.dto.js';
import { OwnSecondFactor } from './own-second-factor.js';

const ABSENT = { 409: ['account.second_factor_missing'] };
const PRESENT = { 409: ['account.second_factor_present'] };
const EITHER = { 409: ['account.second_factor_missing', 'account.second_factor_present'] };

@ApiTags('Account')
@ApiRefusals({ 401: ['signin.refused'], 403: ['account.none'], 503: ['signin.busy'] })
@Controller('v1/account/second-factor')
export class SecondFactorController {
  constructor(private readonly factor: OwnSecondFactor) {}

  /** Get a secret for your authenticator app; it counts once a code of it was confirmed. */
  @Post()
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'account_propose_second_factor' })
  @ApiRefusals(PRESENT)
  @RequiresActor({ ownAccount: true })
  async propose(
    @CurrentCaller() caller: Caller,
    @Body() { password }: ProposeSecondFactorDto,
  ): Promise<ProposedSecondFactorDto> {
    return new ProposedSecondFactorDto(await this.factor.propose(caller, password));
  }

  /** Switch the second factor on with a code of the app; the recovery codes are shown once. */
  @Post('confirm')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'account_confirm_second_factor' })
  @ApiRefusals(EITHER)
  @RequiresActor({ ownAccount: true })
  async confirm(
    @CurrentCaller() caller: Caller,
    @Body() { code }: ConfirmSecondFactorDto,
  ): Promise<RecoveryCodesDto> {
    return new RecoveryCodesDto(await this.factor.confirm(caller, code));
  }

  /** Switch the second factor off. */
  @Post('remove')
  @HttpCode(204)
  @ApiOperation({ operationId: 'account_remove_second_factor' })
  @ApiRefusals(ABSENT)
  @RequiresActor({ ownAccount: true })
  async remove(@CurrentCaller() caller: Caller, @Body() body: ProveSecondFactorDto): Promise<void> {
    await this.factor.remove(caller, body);
  }

  /** Get new recovery codes, shown once; the old ones are void. */
  @Post('recovery-codes')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'account_replace_recovery_codes' })
  @ApiRefusals(ABSENT)
  @RequiresActor({ ownAccount: true })
  async replaceRecoveryCodes(
    @CurrentCaller() caller: Caller,
    @Body() body: ProveSecondFactorDto,
  ): Promise<RecoveryCodesDto> {
    return new RecoveryCodesDto(await this.factor.replaceRecoveryCodes(caller, body));
  }
}
