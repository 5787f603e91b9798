import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction, violatedConstraint } from '@tenantry/database';
import { SLUG } from '@tenantry/http';
import { isUuid } from '@tenantry/kernel';
import type { QuotaColumns } from '../limit.js';
import { columnsOf, specOf } from '../limits/quota-columns.js';
import type { NewPlan, Plan, PlanContent, PlanLimit } from './plan.js';
import { PlanSlugTaken } from './plans.errors.js';

const REASON = 'plans';

const IS_USED = 'select exists (select from tenants where plan = $1) as "isUsed"';

interface LimitRow extends QuotaColumns {
  readonly kind: string;
}

type PlanRow = Omit<Plan, 'limits'> & { readonly limits: readonly LimitRow[] };

/** With their limits by kind. */
const LIMITS = { limits: { orderBy: { kind: 'asc' } } } as const;

@Injectable()
export class PlansRepository {
  constructor(private readonly database: Database) {}

  /** The oldest first. */
  async list({
    after,
    limit,
  }: {
    readonly after: string | null;
    readonly limit: number;
  }): Promise<Plan[]> {
    const rows = await this.database.acrossTenants(REASON, ({ tables }) =>
      tables.plan.findMany({
        where: after === null ? {} : { id: { gt: after } },
        orderBy: { id: 'asc' },
        take: limit,
        include: LIMITS,
      }),
    );
    return rows.map(planOf);
  }

  async get(idOrSlug: string): Promise<Plan | null> {
    return this.database.acrossTenants(REASON, (tx) => this.find(tx, idOrSlug));
  }

  async find({ tables }: PlatformTransaction, idOrSlug: string): Promise<Plan | null> {
    const where = nameOf(idOrSlug);
    const row = where && (await tables.plan.findFirst({ where, include: LIMITS }));
    return row && planOf(row);
  }

  /** The plan as it is, until the transaction ends: nobody changes it meanwhile. */
  async lock(tx: PlatformTransaction, idOrSlug: string): Promise<Plan | null> {
    const plan = await this.find(tx, idOrSlug);
    if (!plan) return null;
    await tx.query('select from plans where id = $1::uuid for update', [plan.id]);
    // Again: whoever held it before may have changed or removed it.
    return this.find(tx, plan.id);
  }

  async insert(tx: PlatformTransaction, id: string, plan: NewPlan): Promise<void> {
    const { slug, displayName, limits } = plan;
    try {
      await tx.tables.plan.create({ data: { id, slug, displayName } });
    } catch (error) {
      if (violatedConstraint(error) !== 'plans_slug') throw error;
      throw new PlanSlugTaken({ cause: error });
    }
    await insertLimits(tx, id, limits);
  }

  async update(
    tx: PlatformTransaction,
    id: string,
    { displayName, limits }: PlanContent,
  ): Promise<void> {
    const data = { displayName, revision: { increment: 1 }, updatedAt: new Date() };
    await tx.tables.plan.updateMany({ where: { id }, data });
    await tx.tables.planLimit.deleteMany({ where: { planId: id } });
    await insertLimits(tx, id, limits);
  }

  /** Whether a tenant names it. */
  async isUsed({ query }: PlatformTransaction, slug: string): Promise<boolean> {
    const [row] = await query<{ readonly isUsed: boolean }>(IS_USED, [slug]);
    return row?.isUsed ?? false;
  }

  async delete({ tables }: PlatformTransaction, id: string): Promise<void> {
    await tables.plan.deleteMany({ where: { id } });
  }
}

/** What can be no name of a plan is looked for nowhere. */
function nameOf(idOrSlug: string): { readonly id: string } | { readonly slug: string } | null {
  if (isUuid(idOrSlug)) return { id: idOrSlug };
  return SLUG.test(idOrSlug) ? { slug: idOrSlug } : null;
}

async function insertLimits(
  { tables }: PlatformTransaction,
  planId: string,
  limits: readonly PlanLimit[],
): Promise<void> {
  const data = limits.map(({ kind, ...spec }) => {
    const { thresholds, ...columns } = columnsOf(spec);
    return { planId, kind, ...columns, thresholds: [...thresholds] };
  });
  await tables.planLimit.createMany({ data });
}

function planOf({ id, slug, displayName, limits, ...row }: PlanRow): Plan {
  const { revision, createdAt, updatedAt } = row;
  const specs = limits.map((limit) => ({ kind: limit.kind, ...specOf(limit) }));
  return { ...{ id, slug, displayName, revision, createdAt, updatedAt }, limits: specs };
}
