import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock, PLATFORM_ID } from '@tenantry/kernel';
import { isClaimed } from '../is-claimed.js';
import { reachesSecrets } from '../reaches-secrets.js';
import type { OpenInvitation } from './invitation.js';
import { InvitationTokens } from './invitation-tokens.js';
import { InvitationInvalid } from './invitations.errors.js';

/**
 * What the platform gave away while it could: where the tenant has been claimed since, nobody comes
 * to its secrets by that. The platform is whoever is no member; breaking the glass lifts it, then as now.
 */
const IS_OVERTAKEN = `
  exists (
    select from members as waiting
    where waiting.tenant_id = invitation.tenant_id and waiting.id = invitation.member_id
      and ${reachesSecrets('waiting')})
  and ${isClaimed('invitation.tenant_id')}
  and not exists (
    select from members as inviter
    where inviter.tenant_id = invitation.tenant_id and inviter.id::text = invitation.invited_by)
  and not exists (
    select from break_glass as glass
    where glass.tenant_id = invitation.tenant_id and glass.actor_id = invitation.invited_by
      and coalesce(glass.closed_at, glass.expires_at) > invitation.created_at)`;

/** Which tenant invites is only known by the token: one read over all of them. */
const FIND = `
  select invitation.tenant_id as "tenantId", invitation.id, invitation.member_id as "memberId",
    invitation.email, tenant.slug
  from invitations invitation left join tenants tenant on tenant.id = invitation.tenant_id
  where invitation.digest = $1::bytea and invitation.expires_at > $2::timestamptz
    and (tenant.status = 'active' or invitation.tenant_id = '${PLATFORM_ID}'::uuid)
    and not (${IS_OVERTAKEN})`;

/** The tenant before its rows, as everybody who alters its members does. */
const LOCK_TENANT = `
  select id from tenants
  where id = (select tenant_id from invitations where digest = $1::bytea)
  for no key update`;

const TAKE = 'delete from invitations where digest = $1::bytea returning id';

/** The invitations that can be accepted now, by their tokens. */
@Injectable()
export class OpenInvitations {
  constructor(
    private readonly database: Database,
    private readonly tokens: InvitationTokens,
    private readonly clock: Clock,
  ) {}

  async find(token: string): Promise<OpenInvitation | null> {
    const digest = this.tokens.digestOf(token);
    if (!digest) return null;
    const values = [digest, this.clock.now()];
    const [found] = await this.database.queryAcrossTenants<OpenInvitation>(
      'invitation-accept',
      FIND,
      values,
    );
    return found ?? null;
  }

  /** Uses an invitation up, once, together with what `work` makes of it. Throws `InvitationInvalid`. */
  async take<Result>(
    token: string,
    work: (tx: PlatformTransaction, invitation: OpenInvitation) => Promise<Result>,
  ): Promise<Result> {
    const digest = this.tokens.digestOf(token);
    return this.database.acrossTenants('invitation-accept', async (tx) => {
      await tx.query(LOCK_TENANT, [digest]);
      const [invitation] = await tx.query<OpenInvitation>(FIND, [digest, this.clock.now()]);
      // Of two at the same moment, the later one finds nothing left to take.
      const [taken] = await tx.query<{ id: string }>(TAKE, [digest]);
      if (!invitation || !taken) throw new InvitationInvalid();
      return work(tx, invitation);
    });
  }
}
