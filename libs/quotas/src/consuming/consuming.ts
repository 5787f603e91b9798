import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { UsageMeter } from '@tenantry/usage';
import {
  type Decision,
  type Demand,
  type OnceKey,
  QuotaEngine,
  type Refund,
} from '../engine/quota-engine.js';
import { DecisionCounts } from './decision-counts.js';
import type { Consumption, GivenBack } from './demands-body.js';

const CHECKS = 'quota_checks';

/** Spends and gives back for callers, and counts that they asked. */
@Injectable()
export class Consuming {
  constructor(
    private readonly quotas: QuotaEngine,
    private readonly meter: UsageMeter,
    private readonly counts: DecisionCounts,
  ) {}

  /** With a key it counts once, however often it is sent, and across crashes. */
  decide(
    caller: Caller,
    consumption: Consumption,
    key: string | null,
  ): Decision | Promise<Decision> {
    this.meter.count(caller.scope.tenantId, CHECKS, 1, caller.actor.id);
    const decided = this.#decide(caller, consumption, key);
    return decided instanceof Promise
      ? decided.then((decision) => this.#counted(decision))
      : this.#counted(decided);
  }

  /** With a key it counts once, as a demand does. */
  async refund(
    caller: Caller,
    { demands, spentAt }: GivenBack,
    key: string | null,
  ): Promise<Refund[]> {
    const { scope } = caller;
    if (key === null) return this.quotas.refund(scope, demands, spentAt);
    const once = onceOf(caller, key, [saidOf(demands), spentAt]);
    return this.quotas.refundOnce(scope, once, demands, spentAt);
  }

  #counted(decision: Decision): Decision {
    this.counts.note(decision);
    return decision;
  }

  #decide(
    caller: Caller,
    { demands, check }: Consumption,
    key: string | null,
  ): Decision | Promise<Decision> {
    const { scope } = caller;
    if (check) return this.quotas.check(scope, demands);
    if (key === null) return this.quotas.consume(scope, demands);
    return this.quotas.consumeOnce(scope, onceOf(caller, key, saidOf(demands)), demands);
  }
}

function saidOf(demands: readonly Demand[]): readonly unknown[] {
  return demands.map(({ kind, amount }) => [kind, amount]);
}

function onceOf({ actor }: Caller, key: string, said: readonly unknown[]): OnceKey {
  const digest = createHash('sha256').update(JSON.stringify(said)).digest();
  return { actor: JSON.stringify([actor.issuer, actor.id]), key, digest };
}
