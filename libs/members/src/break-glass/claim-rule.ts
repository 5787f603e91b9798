import { Injectable } from '@nestjs/common';

import { ClaimedTenants, type Within } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';

/** Somebody with an account of the tenant's own; whom an issuer vouches for may be anybody tomorrow. */
const IS_OPEN = `
  select not exists (
    select from members
    where tenant_id = $1::uuid and status = 'active' and kind in ('person', 'service')
      and 'tenant-admin' = any(roles)
  ) or exists (
    select from break_glass
    where tenant_id = $1::uuid and actor_id = $2::text and closed_at is null
      and expires_at > $3::timestamptz
  ) as "isOpen"`;

/** A tenant is claimed from the first active admin on who has an account, or is a machine, of its own. */
@Injectable()
export class ClaimRule extends ClaimedTenants {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
  ) {
    super();
  }

  async isOpenTo(within: Within, actorId: string): Promise<boolean> {
    const values = [within.tenantId, actorId, this.clock.now().toISOString()];
    const [row] =
      'query' in within
        ? await within.query<{ isOpen: boolean }>(IS_OPEN, values)
        : await this.database.query<{ isOpen: boolean }>(within, IS_OPEN, values);
    return row?.isOpen ?? false;
  }
}
