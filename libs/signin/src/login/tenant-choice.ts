import { Injectable } from '@nestjs/common';

import {
  MemberDirectory,
  MembershipMissing,
  PlatformDirectory,
  type PersonMembership,
} from '@tenantry/access';
import { Database } from '@tenantry/database';
import { SecondFactorSetupNeeded } from './login.errors.js';

/** Of a person's tenants, the one they used last; nothing where they used none of them yet. */
const LAST_USED = `
  select tenant_id::text as id from sessions
  where person_id = $1::uuid and tenant_id::text = any($2::text[])
  order by last_used_at desc limit 1`;

/** Who is to be let into which tenant. */
export interface Wanted {
  readonly personId: string;
  /** Id or slug; null for none; undefined: whichever suits. */
  readonly tenant: string | null | undefined;
  readonly hasSecondFactor: boolean;
}

/** Where a sign-in goes, and where else it could have gone. */
export interface Choice {
  readonly chosen: PersonMembership | null;
  readonly memberships: readonly PersonMembership[];
}

/** Decides into which tenant a person signs in. */
@Injectable()
export class TenantChoice {
  constructor(
    private readonly members: MemberDirectory,
    private readonly platform: PlatformDirectory,
    private readonly database: Database,
  ) {}

  /** Throws `MembershipMissing`, in the same words whether there is such a tenant or not. */
  async of({ personId, tenant, hasSecondFactor }: Wanted): Promise<Choice> {
    const memberships = await this.members.ofPerson(personId);
    if (tenant === null) return { chosen: null, memberships };
    if (tenant !== undefined) {
      const chosen = named(memberships, tenant);
      if (!mayEnter(chosen, hasSecondFactor)) throw new SecondFactorSetupNeeded();
      return { chosen, memberships };
    }
    const suitable = await this.#suitable(personId, memberships);
    // Without a second factor one gets in to set one up, and no further.
    const chosen = suitable && mayEnter(suitable, hasSecondFactor) ? suitable : null;
    return { chosen, memberships };
  }

  async #suitable(
    personId: string,
    memberships: readonly PersonMembership[],
  ): Promise<PersonMembership | null> {
    const account = await this.platform.findPerson(personId);
    if (account && account.roles.length > 0) return null;
    const [first, second] = memberships;
    if (!first || !second) return first ?? null;
    const ids = memberships.map(({ tenant }) => tenant.id);
    const [last] = await this.database.queryAcrossTenants<{ id: string }>(
      'tenant-choice',
      LAST_USED,
      [personId, ids],
    );
    return memberships.find(({ tenant }) => tenant.id === last?.id) ?? null;
  }
}

function named(memberships: readonly PersonMembership[], name: string): PersonMembership {
  const found = memberships.find(
    ({ tenant }) => tenant.slug === name || tenant.id === name.toLowerCase(),
  );
  if (!found) throw new MembershipMissing();
  return found;
}

function mayEnter({ requiresSecondFactor }: PersonMembership, hasSecondFactor: boolean): boolean {
  return hasSecondFactor || !requiresSecondFactor;
}
