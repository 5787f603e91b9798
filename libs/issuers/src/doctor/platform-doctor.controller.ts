import { Body, Controller, Header, HttpCode, Post } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { type Caller, CurrentCaller, RequiresPlatform } from '@tenantry/access';
import { ApiRefusals, NotIdempotent } from '@tenantry/http';
import { REGISTRATION_REFUSALS } from '../api-issuer.js';
import { registrationOf } from '../dto/registration-of.js';
import { ofPlatform } from '../issuer-owner.js';
import { DiagnosePlatformTokenDto, DiagnosisDto } from './diagnosis.dto.js';
import { TokenDoctor } from './doctor.service.js';

@ApiTags('Platform issuers')
@Controller('v1/platform/issuers')
export class PlatformTokenDoctorController {
  constructor(private readonly doctor: TokenDoctor) {}

  /** Say what becomes of a token of an issuer of the platform, and why; nothing is granted. */
  @Post('diagnose')
  @HttpCode(200)
  @Header('Cache-Control', 'no-store')
  @ApiOperation({ operationId: 'platform_issuers_diagnose' })
  @ApiRefusals(REGISTRATION_REFUSALS)
  // An answer that is kept for repetitions would keep what the token says.
  @NotIdempotent()
  @RequiresPlatform('platform:write')
  async diagnose(
    @CurrentCaller() caller: Caller,
    @Body() { token, candidate }: DiagnosePlatformTokenDto,
  ): Promise<DiagnosisDto> {
    const registration = candidate ? registrationOf(candidate) : null;
    return new DiagnosisDto(
      await this.doctor.diagnose(ofPlatform(caller), { token, candidate: registration }),
    );
  }
}
