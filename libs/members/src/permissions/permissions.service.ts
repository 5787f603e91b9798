import { Injectable } from '@nestjs/common';

import { type Caller, isPermission, PERMISSIONS, PLATFORM_PERMISSIONS } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import { CursorCodec, type Page } from '@tenantry/http';
import { sortedPage } from '../sorted-page.js';
import {
  type EnginePermission,
  EnginePermissionsRepository,
  type RegisteredPermission,
} from './engine-permissions.repository.js';
import { PermissionBuiltIn, PermissionTaken } from './permissions.errors.js';

const LIST = 'permissions';

/** A permission, and whether an engine brought it. */
export interface KnownPermission extends EnginePermission {
  readonly engine: boolean;
}

const BUILT_IN: readonly KnownPermission[] = Object.entries(PERMISSIONS).map(
  ([name, description]) => ({ name, description, engine: false }),
);

/** Everything that roles may hold: what is built in, and what engines have registered. */
@Injectable()
export class PermissionsService {
  constructor(
    private readonly database: Database,
    private readonly registered: EnginePermissionsRepository,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
  ) {}

  /** `reader`: for whom the cursors are good. */
  async list(
    reader: string,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<KnownPermission>> {
    const engines = await this.registered.all();
    const all = [...BUILT_IN, ...engines.map(ofEngine)];
    return sortedPage(all, this.cursors, {
      ...page,
      list: LIST,
      scope: reader,
      placeOf: ({ name, engine }) => [engine ? 1 : 0, name],
    });
  }

  /** Puts these in the place of all that the calling account had registered. */
  async register(
    caller: Caller,
    wanted: readonly EnginePermission[],
  ): Promise<readonly KnownPermission[]> {
    const builtIn = wanted.findIndex(({ name }) => isOwn(name));
    if (builtIn !== -1) throw new PermissionBuiltIn(builtIn);
    const { id } = caller.actor;
    await this.database.acrossTenants('permissions-register', async (tx) => {
      const known = await this.registered.lockAll(tx);
      assertFree(known, id, wanted);
      const before = known.filter(({ registeredBy }) => registeredBy === id);
      // An engine says this at each of its starts: where nothing is new, nobody needs to look again.
      if (isSame(before, wanted)) return;
      await this.registered.replace(tx, id, wanted);
      this.audit.recordOnPlatform(tx, caller, {
        deed: 'permissions.registered',
        target: { kind: 'platform_account', id },
        changes: { permissions: { before: namesOf(before), after: namesOf(wanted) } },
      });
      tx.announce({ kind: 'permission', id, tenantId: null });
    });
    return wanted.map(ofEngine);
  }
}

function ofEngine({ name, description }: EnginePermission): KnownPermission {
  return { name, description, engine: true };
}

/** The platform's own are reserved too: a role that held one would be more than a tenant's. */
function isOwn(name: string): boolean {
  return isPermission(name) || Object.hasOwn(PLATFORM_PERMISSIONS, name);
}

function assertFree(
  known: readonly RegisteredPermission[],
  account: string,
  wanted: readonly EnginePermission[],
): void {
  const names = new Set(namesOf(wanted));
  const taken = known.find(({ name, registeredBy }) => names.has(name) && registeredBy !== account);
  if (taken) throw new PermissionTaken(taken.name);
}

function isSame(one: readonly EnginePermission[], other: readonly EnginePermission[]): boolean {
  const texts = (permissions: readonly EnginePermission[]): string =>
    JSON.stringify(permissions.map(({ name, description }) => [name, description]).toSorted());
  return texts(one) === texts(other);
}

function namesOf(permissions: readonly EnginePermission[]): string[] {
  return permissions.map(({ name }) => name).toSorted();
}
