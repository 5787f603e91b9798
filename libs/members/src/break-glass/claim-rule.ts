import { Injectable } from '@nestjs/common';

import { ClaimedTenants, type Within } from '@tenantry/access';
import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock, PLATFORM_ID } from '@tenantry/kernel';
import { isClaimed } from '../is-claimed.js';
import { reachesSecrets } from '../reaches-secrets.js';
import { isTransaction } from '../within.js';

const IS_OPEN = `
  select not ${isClaimed('$1::uuid')} or exists (
    select from break_glass
    where tenant_id = $1::uuid and actor_id = $2::text and closed_at is null
      and expires_at > $3::timestamptz
  ) as "isOpen"`;

/** Whether no tenant that is closed to the actor has somebody of this issuer who reaches its secrets. */
const IS_OPEN_BY_ISSUER = `
  select not exists (
    select from members as theirs
    where theirs.issuer_owner_id = $1::uuid and theirs.issuer_id = $2::uuid
      and theirs.status <> 'denied' and ${reachesSecrets('theirs')}
      and ${isClaimed('theirs.tenant_id')}
      and not exists (
        select from break_glass as glass
        where glass.tenant_id = theirs.tenant_id and glass.actor_id = $3::text
          and glass.closed_at is null and glass.expires_at > $4::timestamptz)
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
    const [row] = isTransaction(within)
      ? await within.query<{ isOpen: boolean }>(IS_OPEN, values)
      : await this.database.query<{ isOpen: boolean }>(within, IS_OPEN, values);
    return row?.isOpen ?? false;
  }

  async isOpenByIssuer(tx: TenantTransaction, issuerId: string, actorId: string): Promise<boolean> {
    const values = [PLATFORM_ID, issuerId, actorId, this.clock.now().toISOString()];
    const [row] = await tx.acrossTenants('claimed-tenants', () =>
      tx.query<{ isOpen: boolean }>(IS_OPEN_BY_ISSUER, values),
    );
    return row?.isOpen ?? false;
  }
}
