import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { UsageMeter } from '@tenantry/usage';
import { type Decision, type Demand, QuotaEngine, type Refund } from '../engine/quota-engine.js';
import type { Consumption, GivenBack } from './demands-body.js';

const CHECKS = 'quota_checks';

/** Spends and gives back for callers, and counts that they asked. */
@Injectable()
export class Consuming {
  constructor(
    private readonly quotas: QuotaEngine,
    private readonly meter: UsageMeter,
  ) {}

  /** With a key it counts once, however often it is sent, and across crashes. */
  decide(
    caller: Caller,
    { demands, check }: Consumption,
    key: string | null,
  ): Decision | Promise<Decision> {
    const { scope, actor } = caller;
    this.meter.count(scope.tenantId, CHECKS, 1, actor.id);
    if (check) return this.quotas.check(scope, demands);
    if (key === null) return this.quotas.consume(scope, demands);
    const owner = JSON.stringify([actor.issuer, actor.id]);
    return this.quotas.consumeOnce(
      scope,
      { actor: owner, key, digest: digestOf(demands) },
      demands,
    );
  }

  async refund({ scope }: Caller, { demands, spentAt }: GivenBack): Promise<Refund[]> {
    return this.quotas.refund(scope, demands, spentAt);
  }
}

function digestOf(demands: readonly Demand[]): Buffer {
  const said = demands.map(({ kind, amount }) => [kind, amount]);
  return createHash('sha256').update(JSON.stringify(said)).digest();
}
