import { Injectable } from '@nestjs/common';

import {
  type Caller,
  Granting,
  isPermission,
  isPlatformRole,
  isTenantRole,
  TENANT_ROLE_NAMES,
  type TenantRole,
} from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { assertRevision, CursorCodec, type ExpectedRevision, type Page } from '@tenantry/http';
import type { TenantScope } from '@tenantry/kernel';
import { sortedPage } from '../sorted-page.js';
import {
  BUILT_IN_DESCRIPTIONS,
  type NewRole,
  type OwnRole,
  type Role,
  type RoleChanges,
} from './role.js';
import { RoleBook } from './role-book.js';
import {
  RoleBuiltIn,
  RoleExists,
  RoleInUse,
  RoleLimitReached,
  RoleNotFound,
  RolePermissionUnknown,
} from './roles.errors.js';
import { RolesRepository } from './roles.repository.js';

const LIST = 'roles';
const ROLES_MAX = 100;

/** The roles of a tenant: what they hold, and who may say so. */
@Injectable()
export class RolesService {
  constructor(
    private readonly database: Database,
    private readonly roles: RolesRepository,
    private readonly book: RoleBook,
    private readonly granting: Granting,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
  ) {}

  async list(
    { scope }: Caller,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Role>> {
    const builtIn = await Promise.all(TENANT_ROLE_NAMES.map((name) => this.#builtIn(scope, name)));
    const own = await this.roles.list(scope);
    return sortedPage([...builtIn, ...own.map(shown)], this.cursors, {
      ...page,
      list: LIST,
      scope: scope.tenantId,
      placeOf: ({ name, builtIn: isBuiltIn }) => [isBuiltIn ? 0 : 1, name],
    });
  }

  async get({ scope }: Caller, name: string): Promise<Role> {
    if (isTenantRole(name)) return this.#builtIn(scope, name);
    const role = await this.roles.find(scope, name);
    if (!role) throw new RoleNotFound();
    return shown(role);
  }

  async create(caller: Caller, role: NewRole): Promise<Role> {
    const { name, description = null, permissions } = role;
    // What engines read as a role of the platform must not be a tenant's to give.
    if (isTenantRole(name) || isPlatformRole(name)) throw new RoleExists();
    await this.database.within(caller.scope, async (tx) => {
      if ((await this.roles.count(tx)) >= ROLES_MAX) throw new RoleLimitReached(ROLES_MAX);
      await this.#assertMayAdd(tx, caller, { permissions, before: [] });
      await this.roles.insert(tx, role);
      const changes = { description: { after: description }, permissions: { after: permissions } };
      this.#tell(tx, caller, name, { deed: 'role.created', changes });
    });
    return this.get(caller, name);
  }

  /** Whoever has the role has what it becomes, from their next request on. */
  async change(
    caller: Caller,
    name: string,
    { changes, expected }: { readonly changes: RoleChanges; readonly expected: ExpectedRevision },
  ): Promise<Role> {
    const { permissions, description } = changes;
    await this.#alter(caller, name, async (tx, role) => {
      assertRevision(expected, role.revision);
      const before = role.permissions;
      if (permissions) await this.#assertMayAdd(tx, caller, { permissions, before });
      await this.roles.update(tx, name, changes);
      this.#tell(tx, caller, name, {
        deed: 'role.changed',
        changes: {
          ...(description === undefined
            ? {}
            : { description: { before: role.description, after: description } }),
          ...(permissions ? { permissions: { before, after: permissions } } : {}),
        },
      });
    });
    return this.get(caller, name);
  }

  async remove(caller: Caller, name: string, expected: ExpectedRevision): Promise<void> {
    await this.#alter(caller, name, async (tx, role) => {
      assertRevision(expected, role.revision);
      if (await this.roles.isUsed(tx, name)) throw new RoleInUse();
      await this.roles.delete(tx, name);
      const changes = { permissions: { before: role.permissions } };
      this.#tell(tx, caller, name, { deed: 'role.removed', changes });
    });
  }

  async #alter(
    caller: Caller,
    name: string,
    work: (tx: TenantTransaction, role: OwnRole) => Promise<void>,
  ): Promise<void> {
    if (isTenantRole(name)) throw new RoleBuiltIn();
    await this.database.within(caller.scope, async (tx) => {
      const role = await this.roles.lock(tx, name);
      if (!role) throw new RoleNotFound();
      await this.granting.assertAlterable(caller, tx, [name]);
      await work(tx, role);
    });
  }

  /** Only what is new to the role counts: what it holds already, its holders have already. */
  async #assertMayAdd(
    tx: TenantTransaction,
    caller: Caller,
    given: { readonly permissions: readonly string[]; readonly before: readonly string[] },
  ): Promise<void> {
    const added = new Set(given.permissions.filter((name) => !given.before.includes(name)));
    const isForeign = (name: string): boolean => added.has(name) && !isPermission(name);
    if (given.permissions.some(isForeign)) {
      const engines = await this.book.enginePermissions(tx);
      const unknown = given.permissions.findIndex((name) => isForeign(name) && !engines.has(name));
      if (unknown !== -1) throw new RolePermissionUnknown(unknown);
    }
    await this.granting.assertHolds(caller, tx, added);
  }

  async #builtIn(scope: TenantScope, name: TenantRole): Promise<Role> {
    return {
      name,
      description: BUILT_IN_DESCRIPTIONS[name],
      permissions: [...(await this.book.permissionsOf(scope, [name]))],
      builtIn: true,
      revision: 1,
      createdAt: null,
      updatedAt: null,
    };
  }

  /** Every node forgets what the tenant's roles held, and who was admitted by them. */
  #tell(
    tx: TenantTransaction,
    caller: Caller,
    name: string,
    deed: Pick<Deed, 'deed' | 'changes'>,
  ): void {
    this.audit.record(tx, caller, { ...deed, target: { kind: 'role', id: name } });
    tx.announce({ kind: 'role', id: tx.tenantId, tenantId: tx.tenantId });
  }
}

function shown(role: OwnRole): Role {
  return { ...role, builtIn: false };
}
