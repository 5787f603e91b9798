import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, Requires } from '@tenantry/access';
import { ApiRefusals, ApiTenant, NotIdempotent } from '@tenantry/http';
import { REGISTRATION_REFUSALS } from '../api-issuer.js';
import { registrationOf } from '../dto/registration-of.js';
import { ofTenant } from '../issuer-owner.js';
import { DiagnoseTokenDto, DiagnosisDto } from './diagnosis.dto.js';
import { TokenDoctor } from './doctor.service.js';

@ApiTags('Issuers')
@ApiTenant()
@Controller('v1/tenants/:tenant/issuers')
export class TokenDoctorController {
  constructor(private readonly doctor: TokenDoctor) {}

  /** Say what becomes of a token here, and why; nothing is granted, and the token is kept nowhere. */
  @Post('diagnose')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'issuers_diagnose' })
  @ApiRefusals(REGISTRATION_REFUSALS)
  // An answer that is kept for repetitions would keep what the token says.
  @NotIdempotent()
  @Requires('issuers:write')
  async diagnose(
    @CurrentCaller() caller: Caller,
    @Body() { token, candidate }: DiagnoseTokenDto,
  ): Promise<DiagnosisDto> {
    const registration = candidate ? registrationOf(candidate) : null;
    return new DiagnosisDto(
      await this.doctor.diagnose(ofTenant(caller), { token, candidate: registration }),
    );
  }
}
