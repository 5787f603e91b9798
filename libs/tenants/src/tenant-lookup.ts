import { Injectable } from '@nestjs/common';

import { tag, TenantDirectory, type TenantState, TrustedCache } from '@tenantry/access';
import { ChangeFeed } from '@tenantry/database';
import { Clock, isUuid } from '@tenantry/kernel';
import { TenantsRepository } from './tenants.repository.js';

const CACHED_MAX = 20_000;
const CACHED_FOR_MS = 60_000;
const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** Finds tenants for the guard: remembered until the change feed speaks of them. */
@Injectable()
export class TenantLookup extends TenantDirectory {
  readonly #states: TrustedCache<TenantState>;

  constructor(
    private readonly tenants: TenantsRepository,
    feed: ChangeFeed,
    clock: Clock,
  ) {
    super();
    this.#states = new TrustedCache(feed, clock, CACHED_MAX);
  }

  async find(idOrSlug: string): Promise<TenantState | null> {
    const name = isUuid(idOrSlug) ? { id: idOrSlug.toLowerCase() } : { slug: idOrSlug };
    // What can be no name of a tenant costs no look at the database.
    if ('slug' in name && !SLUG.test(name.slug)) return null;
    return this.#states.getOrLoad(idOrSlug, async () => {
      const value = await this.tenants.findState(name);
      return value && { value, tags: [tag('tenant', value.id)], ttlMs: CACHED_FOR_MS };
    });
  }
}
