import { Injectable } from '@nestjs/common';

import {
  builtInPermissionsOf,
  isPermission,
  isTenantRole,
  RoleDirectory,
  tag,
  TrustedCache,
  type Within,
} from '@tenantry/access';
import { ChangeFeed } from '@tenantry/database';
import { Clock, PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import { EnginePermissionsRepository } from '../permissions/engine-permissions.repository.js';
import { isTransaction } from '../within.js';
import { type HeldRole, RolesRepository } from './roles.repository.js';

const CACHED_TENANTS_MAX = 20_000;
const CACHED_FOR_MS = 60_000;
const ENGINES = 'engines';

/** Holds everything there is: what engines have registered, too. */
const HOLDS_EVERYTHING = 'tenant-admin';

/** Some of a tenant's own roles, by name. */
type Held = ReadonlyMap<string, readonly string[]>;

/**
 * Knows what roles hold: those that every tenant has, and the tenant's own.
 *
 * By itself it answers from memory, until the change feed speaks of the tenant's roles or of the
 * engines' permissions; in a transaction it reads what is true there, and holds it.
 */
@Injectable()
export class RoleBook extends RoleDirectory {
  readonly #held: TrustedCache<Held>;
  readonly #engines: TrustedCache<ReadonlySet<string>>;

  constructor(
    private readonly roles: RolesRepository,
    private readonly registered: EnginePermissionsRepository,
    feed: ChangeFeed,
    clock: Clock,
  ) {
    super();
    this.#held = new TrustedCache(feed, clock, CACHED_TENANTS_MAX);
    this.#engines = new TrustedCache(feed, clock, 1);
  }

  async permissionsOf(within: Within, roles: readonly string[]): Promise<ReadonlySet<string>> {
    const builtIn = builtInPermissionsOf(roles);
    if (within.tenantId === PLATFORM_ID) return builtIn;
    const held = await this.#ownOf(within, roles);
    const given = roles.flatMap((role) => held.get(role) ?? []);
    const all = new Set<string>([...builtIn, ...given.filter(isPermission)]);
    const beyond = given.filter((permission) => !isPermission(permission));
    const holdsEverything = roles.includes(HOLDS_EVERYTHING);
    if (!holdsEverything && beyond.length === 0) return all;
    const engines = await this.enginePermissions(within);
    const ofEngines = holdsEverything ? engines : beyond.filter((name) => engines.has(name));
    return new Set([...all, ...ofEngines]);
  }

  async namedBy(within: Within, roles: readonly string[]): Promise<ReadonlySet<string>> {
    const held = await this.#ownOf(within, roles);
    const named = roles.flatMap((role) => held.get(role) ?? []);
    return new Set([...(await this.permissionsOf(within, roles)), ...named]);
  }

  async unknownOf(within: Within, roles: readonly string[]): Promise<readonly string[]> {
    const held = await this.#ownOf(within, roles);
    return roles.filter((role) => !isTenantRole(role) && !held.has(role));
  }

  /** What engines have registered; none of it is built in. */
  async enginePermissions(within: Within): Promise<ReadonlySet<string>> {
    if (isTransaction(within)) return namesOf(await this.registered.allIn(within));
    const engines = await this.#engines.getOrLoad(ENGINES, async () => ({
      value: namesOf(await this.registered.all()),
      tags: ['permissions'],
      ttlMs: CACHED_FOR_MS,
    }));
    return engines ?? new Set();
  }

  async #ownOf(within: Within, roles: readonly string[]): Promise<Held> {
    const own = roles.filter((role) => !isTenantRole(role));
    if (within.tenantId === PLATFORM_ID || own.length === 0) return new Map();
    return isTransaction(within)
      ? byName(await this.roles.holdIn(within, own))
      : this.#remembered(within);
  }

  async #remembered(scope: TenantScope): Promise<Held> {
    const { tenantId } = scope;
    const held = await this.#held.getOrLoad(tenantId, async () => ({
      value: byName(await this.roles.held(scope)),
      tags: [tag('role', tenantId)],
      ttlMs: CACHED_FOR_MS,
    }));
    return held ?? new Map<string, readonly string[]>();
  }
}

function byName(roles: readonly HeldRole[]): Held {
  return new Map(roles.map(({ name, permissions }) => [name, permissions]));
}

function namesOf(permissions: readonly { readonly name: string }[]): ReadonlySet<string> {
  return new Set(permissions.map(({ name }) => name));
}
