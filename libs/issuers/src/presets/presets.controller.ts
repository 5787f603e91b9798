import { Controller, Get, Param } from '@nestjs/common';
import { ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';

import { RequiresActor } from '@tenantry/access';
import { ApiRefusals } from '@tenantry/http';
import { IssuerPresetDto, IssuerPresetsPageDto } from './issuer-preset.dto.js';
import { getPreset, ISSUER_PRESETS } from './presets.js';

@ApiTags('Issuers')
@Controller('v1/issuer-presets')
export class IssuerPresetsController {
  /** List the presets for well-known providers: what to fill in, and what to register with it. */
  @Get()
  @ApiOperation({ operationId: 'issuer_presets_list' })
  @RequiresActor()
  list(): IssuerPresetsPageDto {
    const items = ISSUER_PRESETS.map((preset) => new IssuerPresetDto(preset));
    return new IssuerPresetsPageDto({ items, nextCursor: null });
  }

  /** Read a preset. */
  @Get(':preset')
  @ApiOperation({ operationId: 'issuer_presets_get' })
  @ApiParam({ name: 'preset', description: 'Id of the preset.', example: 'keycloak' })
  @ApiRefusals({ 404: ['issuers.preset_not_found'] })
  @RequiresActor()
  get(@Param('preset') id: string): IssuerPresetDto {
    return new IssuerPresetDto(getPreset(id));
  }
}
