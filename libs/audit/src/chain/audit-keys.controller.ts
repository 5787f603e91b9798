import { Controller, Get } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';

import { Public } from '@tenantry/access';
import { AuditKeysDto } from './chain.dto.js';
import { ChainReading } from './chain-reading.js';

@ApiTags('Audit')
@Controller('v1/audit/keys')
export class AuditKeysController {
  constructor(private readonly reading: ChainReading) {}

  /** See the keys that sign checkpoints. Keep them where nobody of the platform can write. */
  @Get()
  @ApiOperation({ operationId: 'audit_keys' })
  @Public()
  async list(): Promise<AuditKeysDto> {
    const keys = await this.reading.keys();
    return new AuditKeysDto({ keys: keys.map((key) => ({ ...key, kid: key.kid ?? '' })) });
  }
}
