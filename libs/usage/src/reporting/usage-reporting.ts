import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { Clock } from '@tenantry/kernel';
import { monthOf } from '../calendar.js';
import { type Recorded, UsageLedger } from '../usage-ledger.js';
import { readEvents } from './read-events.js';

/** Clocks of reporters run ahead by so much at most. */
const AHEAD_MAX_MS = 600_000;

/** Takes in what engines report. */
@Injectable()
export class UsageReporting {
  readonly #retentionMonths: number;

  constructor(
    private readonly ledger: UsageLedger,
    private readonly clock: Clock,
    { usage }: AppConfig,
  ) {
    this.#retentionMonths = usage.retentionMonths;
  }

  /**
   * Throws `RequestInvalid`. However often a batch is sent, each of its ids counts once.
   *
   * Ids of the tenant's own reporters and of the platform's stand apart: who is billed must not be
   * able to report an engine's id first, with nothing.
   */
  async report(
    { scope, actor }: Pick<Caller, 'scope' | 'actor'>,
    body: unknown,
  ): Promise<Recorded> {
    const now = this.clock.now().getTime();
    const events = readEvents(body, {
      from: monthOf(now, -this.#retentionMonths),
      until: now + AHEAD_MAX_MS,
    });
    return this.ledger.record(scope, actor.isPlatform ? 'platform' : 'tenant', events);
  }
}
