import { Controller, Get, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';

import { Public } from '@tenantry/access';
import { ChangeFeed, Database } from '@tenantry/database';
import { isDoneWithin } from '@tenantry/kernel';
import { VaultHealth } from '@tenantry/secrets';
import { HealthDto } from './health.dto.js';

const PROBE_TIMEOUT_MS = 1_000;

@ApiTags('Service')
@Controller()
export class HealthController {
  constructor(
    private readonly database: Database,
    private readonly feed: ChangeFeed,
    private readonly vault: VaultHealth,
  ) {}

  /** Whether the process lives: restart it where this does not answer. */
  @Get('healthz')
  @ApiOperation({ operationId: 'service_health' })
  @Public()
  live(): HealthDto {
    return new HealthDto({ process: 'up' });
  }

  /** Whether the process can serve: send it no traffic where this is 503. */
  @Get('readyz')
  @ApiOperation({ operationId: 'service_readiness' })
  @Public()
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<HealthDto> {
    const isAnswering = await this.#answers();
    const health = new HealthDto({
      database: isAnswering ? 'up' : 'down',
      // A process whose migrations or master key failed never came to listen.
      migrations: 'up',
      feed: this.feed.isTrusted ? 'up' : 'down',
      vault: (await this.vault.state(PROBE_TIMEOUT_MS)) === 'open' ? 'up' : 'sealed',
    });
    if (health.status === 'down') reply.status(503).header('retry-after', '1');
    return health;
  }

  async #answers(): Promise<boolean> {
    return isDoneWithin(PROBE_TIMEOUT_MS, this.database.probe()).catch(() => false);
  }
}
