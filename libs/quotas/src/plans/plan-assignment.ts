import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import { Database, type PlatformTransaction } from '@tenantry/database';
import type { AssignedPlan, Plan } from './plan.js';
import { PlanUnknown } from './plans.errors.js';
import { PlansRepository } from './plans.repository.js';

/** Which plan a tenant is on: the platform's to say, the tenant's to see. */
@Injectable()
export class PlanAssignment {
  constructor(
    private readonly database: Database,
    private readonly plans: PlansRepository,
    private readonly audit: AuditTrail,
  ) {}

  async get({ scope }: Caller): Promise<AssignedPlan | null> {
    return this.plans.assigned(scope);
  }

  /** `null` takes it off every plan. Throws `PlanUnknown`. */
  async assign(caller: Caller, idOrSlug: string | null): Promise<AssignedPlan | null> {
    const { tenantId } = caller.scope;
    await this.database.acrossTenants('plan-assign', async (tx) => {
      const before = await this.plans.lockAssigned(tx, tenantId);
      const after = idOrSlug === null ? null : await this.#plan(tx, idOrSlug);
      if (before?.id === after?.id) return;
      await this.plans.assign(tx, tenantId, after?.id ?? null);
      this.audit.recordUpon(tx, caller, tenantId, {
        deed: 'plan.assigned',
        target: { kind: 'tenant', id: tenantId },
        changes: { plan: { before: told(before), after: told(after) } },
      });
      tx.announce({ kind: 'quota', id: tenantId, tenantId });
    });
    return this.plans.assigned(caller.scope);
  }

  async #plan(tx: PlatformTransaction, idOrSlug: string): Promise<Plan> {
    const plan = await this.plans.hold(tx, idOrSlug);
    if (!plan) throw new PlanUnknown();
    return plan;
  }
}

function told(plan: Pick<Plan, 'id' | 'slug'> | null): object | null {
  return plan && { id: plan.id, slug: plan.slug };
}
