import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type PlatformTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageById,
} from '@tenantry/http';
import { newId, PLATFORM_ID } from '@tenantry/kernel';
import { columnsOf, specOf } from '../limits/quota-columns.js';
import type { NewPlan, Plan, PlanContent, PlanLimit } from './plan.js';
import { PlanInUse, PlanNotFound } from './plans.errors.js';
import { PlansRepository } from './plans.repository.js';

const LIST = 'plans';
const REASON = 'plans';

/** What the platform sells. A change reaches every tenant on the plan, without being told to each. */
@Injectable()
export class PlansService {
  constructor(
    private readonly database: Database,
    private readonly plans: PlansRepository,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
  ) {}

  /** The oldest first. */
  async list({
    limit,
    cursor,
  }: {
    readonly limit: number;
    readonly cursor?: string | undefined;
  }): Promise<Page<Plan>> {
    const wanted = { list: LIST, scope: PLATFORM_ID, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) => this.plans.list(stretch));
  }

  /** Throws `PlanNotFound`. */
  async get(idOrSlug: string): Promise<Plan> {
    const plan = await this.plans.get(idOrSlug);
    if (!plan) throw new PlanNotFound();
    return plan;
  }

  /** Throws `PlanSlugTaken`. */
  async create(caller: Caller, plan: NewPlan): Promise<Plan> {
    const id = newId();
    await this.database.acrossTenants(REASON, async (tx) => {
      await this.plans.insert(tx, id, plan);
      const limits = byKind(plan.limits);
      const { slug, displayName } = plan;
      const changes = {
        slug: { after: slug },
        displayName: { after: displayName },
        limits: { after: limits },
      };
      this.#tell(tx, caller, { id, slug }, { deed: 'plan.created', changes });
    });
    return this.get(id);
  }

  /** Throws `PlanNotFound` or `RevisionStale`. */
  async change(
    caller: Caller,
    idOrSlug: string,
    { content, expected }: { readonly content: PlanContent; readonly expected: ExpectedRevision },
  ): Promise<Plan> {
    await this.#alter(idOrSlug, expected, async (tx, plan) => {
      const before = { displayName: plan.displayName, limits: byKind(plan.limits) };
      const after = { displayName: content.displayName, limits: byKind(content.limits) };
      if (isDeepStrictEqual(before, after)) return;
      await this.plans.update(tx, plan.id, content);
      const changes = {
        displayName: { before: before.displayName, after: after.displayName },
        limits: { before: before.limits, after: after.limits },
      };
      this.#tell(tx, caller, plan, { deed: 'plan.changed', changes });
    });
    return this.get(idOrSlug);
  }

  /** Throws `PlanNotFound`, `RevisionStale`, or `PlanInUse`. */
  async remove(caller: Caller, idOrSlug: string, expected: ExpectedRevision): Promise<void> {
    await this.#alter(idOrSlug, expected, async (tx, { id, slug, limits }) => {
      if (await this.plans.isUsed(tx, slug)) throw new PlanInUse();
      await this.plans.delete(tx, id);
      const changes = { slug: { before: slug }, limits: { before: byKind(limits) } };
      this.#tell(tx, caller, { id, slug }, { deed: 'plan.deleted', changes });
    });
  }

  async #alter(
    idOrSlug: string,
    expected: ExpectedRevision,
    work: (tx: PlatformTransaction, plan: Plan) => Promise<void>,
  ): Promise<void> {
    await this.database.acrossTenants(REASON, async (tx) => {
      const plan = await this.plans.lock(tx, idOrSlug);
      if (!plan) throw new PlanNotFound();
      assertRevision(expected, plan.revision);
      await work(tx, plan);
    });
  }

  /** One word to all nodes: each forgets the limits of whoever names the plan. */
  #tell(
    tx: PlatformTransaction,
    caller: Caller,
    { id, slug }: Pick<Plan, 'id' | 'slug'>,
    deed: Pick<Deed, 'deed' | 'changes'>,
  ): void {
    this.audit.recordOnPlatform(tx, caller, { ...deed, target: { kind: 'plan', id } });
    tx.announce({ kind: 'plan', id: slug, tenantId: null });
  }
}

/** As they are kept, so that two who mean the same say the same. */
function byKind(limits: readonly PlanLimit[]): Readonly<Record<string, object>> {
  const sorted = limits.toSorted((one, other) => (one.kind < other.kind ? -1 : 1));
  return Object.fromEntries(sorted.map(({ kind, ...spec }) => [kind, specOf(columnsOf(spec))]));
}
