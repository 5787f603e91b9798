import { Injectable } from '@nestjs/common';

import { type Caller, PermissionMissing, TenantNotFound } from '@tenantry/access';
import { AuditTrail, type FieldChange } from '@tenantry/audit';
import { Database, type PlatformTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type LabelFilter,
  labelFilterOf,
  type Page,
  pageById,
} from '@tenantry/http';
import { newId } from '@tenantry/kernel';
import {
  type NewTenant,
  statusAfter,
  type Tenant,
  type TenantChanges,
  type Transition,
} from './tenant.js';
import { LabelFilterInvalid, SecondFactorMissing, TransitionImpossible } from './tenants.errors.js';
import { type ColumnValues, TenantsRepository } from './tenants.repository.js';

const LIST = 'tenants';

const DEEDS: Record<Transition, `tenant.${string}`> = {
  suspend: 'tenant.suspended',
  resume: 'tenant.resumed',
  terminate: 'tenant.termination_begun',
};

/** What a tenant's own admins change of it. */
const OF_ITS_ADMINS: ReadonlySet<string> = new Set(['displayName', 'requiresSecondFactor']);

/** What a list of tenants is narrowed to. */
export interface TenantQuery {
  readonly status?: string | undefined;
  readonly health?: string | undefined;
  /** `key:value`, or a key alone. */
  readonly label?: string | undefined;
  readonly q?: string | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

@Injectable()
export class TenantsService {
  constructor(
    private readonly database: Database,
    private readonly tenants: TenantsRepository,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
  ) {}

  async create(caller: Caller, tenant: NewTenant): Promise<Tenant> {
    const id = newId();
    return this.database.acrossTenants('tenant-create', async (tx) => {
      await this.tenants.insert(tx, id, tenant);
      const { slug, displayName } = tenant;
      this.audit.recordUpon(tx, caller, id, {
        deed: 'tenant.created',
        target: { kind: 'tenant', id, name: slug },
        changes: { slug: { after: slug }, displayName: { after: displayName } },
      });
      announce(tx, { id, slug });
      return this.#found(tx, id);
    });
  }

  async list(query: TenantQuery): Promise<Page<Tenant>> {
    const { limit, cursor, status = null, health = null, q = null, label } = query;
    const scope = JSON.stringify([status, health, q, label ?? null]);
    return pageById(this.cursors, { list: LIST, scope, limit, cursor }, (stretch) =>
      this.tenants.list({ ...stretch, status, health, text: q, ...labelFilter(label) }),
    );
  }

  async get({ scope }: Caller): Promise<Tenant> {
    const tenant = await this.tenants.findById(scope);
    if (!tenant) throw new TenantNotFound();
    return tenant;
  }

  async change(caller: Caller, wanted: TenantChanges, expected: ExpectedRevision): Promise<Tenant> {
    const changes = givenOf(wanted);
    const isOwn = !caller.actor.isPlatform;
    const beyond = Object.keys(changes).some((field) => !OF_ITS_ADMINS.has(field));
    if (beyond && !caller.actor.permissions.has('platform:write')) {
      throw new PermissionMissing('platform:write');
    }
    if (changes.requiresSecondFactor) assertNotLockedOut(caller);
    const work = (tx: PlatformTransaction): Promise<Tenant> =>
      this.#change(tx, caller, { changes, expected });
    // A tenant's own admin changes it from within, where the database allows no more than that.
    return isOwn
      ? this.database.within(caller.scope, work)
      : this.database.acrossTenants('tenant-change', work);
  }

  async move(caller: Caller, transition: Transition, reason: string | null): Promise<Tenant> {
    const { tenantId: id } = caller.scope;
    return this.database.acrossTenants(`tenant-${transition}`, async (tx) => {
      const tenant = await this.tenants.lock(tx, id);
      if (!tenant) throw new TenantNotFound();
      const status = statusAfter(transition, tenant.status);
      if (!status) throw new TransitionImpossible(tenant.status);
      if (status === tenant.status) return tenant;
      await this.tenants.update(tx, id, {
        status,
        suspended_reason: status === 'suspended' ? reason : null,
      });
      this.audit.recordUpon(tx, caller, id, {
        deed: DEEDS[transition],
        target: { kind: 'tenant', id, name: tenant.slug },
        changes: { status: { before: tenant.status, after: status } },
        ...(reason === null ? {} : { reason }),
      });
      announce(tx, tenant);
      return this.#found(tx, id);
    });
  }

  async #change(
    tx: PlatformTransaction,
    caller: Caller,
    { changes, expected }: { changes: TenantChanges; expected: ExpectedRevision },
  ): Promise<Tenant> {
    const { tenantId: id } = caller.scope;
    const tenant = await this.tenants.lock(tx, id);
    if (!tenant) throw new TenantNotFound();
    assertRevision(expected, tenant.revision);
    const changed = differences(tenant, changes);
    if (Object.keys(changed).length === 0) return tenant;
    await this.tenants.update(tx, id, columnsOf(changes));
    this.audit.recordUpon(tx, caller, id, {
      deed: 'tenant.changed',
      target: { kind: 'tenant', id, name: tenant.slug },
      changes: changed,
    });
    announce(tx, tenant);
    return this.#found(tx, id);
  }

  async #found(tx: PlatformTransaction, id: string): Promise<Tenant> {
    const tenant = await this.tenants.findIn(tx, id);
    if (!tenant) throw new TenantNotFound();
    return tenant;
  }
}

/** Whoever has no second factor would be the first to be shut out. */
function assertNotLockedOut({ actor }: Caller): void {
  if (!actor.isPlatform && actor.kind === 'person' && !actor.hasSecondFactor) {
    throw new SecondFactorMissing();
  }
}

/** The fields that were named: a class of a request holds the others too, as undefined. */
function givenOf(changes: TenantChanges): TenantChanges {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
}

function announce(tx: PlatformTransaction, { id, slug }: { id: string; slug: string }): void {
  tx.announce({ kind: 'tenant', id, tenantId: id, key: slug });
}

function labelFilter(text: string | undefined): LabelFilter {
  if (text === '' || text?.startsWith(':')) throw new LabelFilterInvalid();
  return labelFilterOf(text);
}

function differences(tenant: Tenant, changes: TenantChanges): Record<string, FieldChange> {
  const now: Record<string, unknown> = { ...tenant };
  return Object.fromEntries(
    Object.entries(changes)
      .filter(([field, after]) => JSON.stringify(now[field]) !== JSON.stringify(after))
      .map(([field, after]) => [field, { before: now[field], after: after as unknown }]),
  );
}

function columnsOf(changes: TenantChanges): ColumnValues {
  const { displayName, requiresSecondFactor, region, plan, labels } = changes;
  return {
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(requiresSecondFactor === undefined ? {} : { requires_second_factor: requiresSecondFactor }),
    ...(region === undefined ? {} : { region }),
    ...(plan === undefined ? {} : { plan }),
    ...(labels === undefined ? {} : { labels: JSON.stringify(labels) }),
  };
}
