import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import { foldEmail, newId, type TenantScope } from '@tenantry/kernel';
import { storedGrants } from '../members.repository.js';
import type { Invitation, NewInvitation } from './invitation.js';
import type { KeptToken } from './invitation-tokens.js';

const PURGED_AT_ONCE_MAX = 1_000;

/** Roles, grants and name are the waiting member's: they may have been changed there meanwhile. */
const INVITATIONS = `
  select invitation.id, invitation.email, member.display_name as "displayName", member.roles,
    member.grants, member.id as "memberId", invitation.invited_by as "invitedBy",
    invitation.expires_at as "expiresAt", invitation.created_at as "createdAt"
  from invitations invitation
  join members member
    on member.tenant_id = invitation.tenant_id and member.id = invitation.member_id
    and member.status = 'invited'
  where invitation.tenant_id = $1::uuid`;

const FIND = `${INVITATIONS} and invitation.id = $2::uuid`;

const LIST = `
  ${INVITATIONS} and ($2::uuid is null or invitation.id > $2::uuid)
  order by invitation.id limit $3`;

/** As `people` folds addresses: whoever differs only by case is the same. */
const STANDING = `
  select status from members
  where tenant_id = $1::uuid and kind = 'person' and lower(normalize(email, NFKC)) = $2
  order by status = 'invited' limit 1`;

const PURGE = `
  delete from invitations
  where tenant_id = $1::uuid and id in (
    select id from invitations
    where tenant_id = $1::uuid and expires_at < $2::timestamptz
    order by expires_at limit ${PURGED_AT_ONCE_MAX})
  returning member_id::text as "memberId"`;

/** What else a new invitation needs. */
export interface InvitationIds {
  readonly id: string;
  readonly invitedBy: string;
}

@Injectable()
export class InvitationsRepository {
  constructor(private readonly database: Database) {}

  async find({ query, tenantId }: TenantTransaction, id: string): Promise<Invitation | null> {
    const [row] = await query<Invitation>(FIND, [tenantId, id]);
    return row ?? null;
  }

  async list(scope: TenantScope, after: string | null, limit: number): Promise<Invitation[]> {
    return this.database.query<Invitation>(scope, LIST, [scope.tenantId, after, limit]);
  }

  /** How many can still be accepted. */
  async countOpen({ tables }: TenantTransaction, now: Date): Promise<number> {
    return tables.invitation.count({ where: { expiresAt: { gt: now } } });
  }

  /** Forgets some of those that ended before, and the members that waited for them. */
  async purge({ query, tenantId }: TenantTransaction, before: Date): Promise<void> {
    const gone = await query<{ memberId: string }>(PURGE, [tenantId, before]);
    if (gone.length === 0) return;
    await query(
      `delete from members
       where tenant_id = $1::uuid and id = any($2::uuid[]) and status = 'invited'`,
      [tenantId, gone.map(({ memberId }) => memberId)],
    );
  }

  /** What the tenant calls itself. Has every other change of its members wait until this one is done. */
  async lock({ query, tenantId }: TenantTransaction): Promise<string> {
    const [row] = await query<{ name: string }>(
      'select display_name as name from tenants where id = $1::uuid for no key update',
      [tenantId],
    );
    return row?.name ?? '';
  }

  /** What the person with this address is to the tenant; null: nothing yet. */
  async standingOf({ query, tenantId }: TenantTransaction, email: string): Promise<string | null> {
    const [row] = await query<{ status: string }>(STANDING, [tenantId, foldEmail(email)]);
    return row?.status ?? null;
  }

  async insert(
    { tables }: TenantTransaction,
    { id, invitedBy }: InvitationIds,
    { email, displayName, roles, grants }: NewInvitation,
    { digest, expiresAt }: KeptToken,
  ): Promise<void> {
    const memberId = newId();
    const holding = { roles: [...roles], grants: storedGrants(grants) };
    await tables.member.create({
      data: { id: memberId, kind: 'person', status: 'invited', email, displayName, ...holding },
    });
    await tables.invitation.create({
      data: { id, memberId, email, digest, invitedBy, expiresAt },
    });
  }

  /** What is kept of the token that is good now. */
  async tokenOf({ tables }: TenantTransaction, id: string): Promise<KeptToken | null> {
    return tables.invitation.findFirst({
      where: { id },
      select: { digest: true, expiresAt: true },
    });
  }

  async replaceToken(
    { tables }: TenantTransaction,
    id: string,
    { digest, expiresAt }: KeptToken,
  ): Promise<void> {
    await tables.invitation.updateMany({ where: { id }, data: { digest, expiresAt } });
  }

  /** The invitation, and the member that waits for it; one who has accepted stays. */
  async delete(
    { tables }: TenantTransaction,
    { id, memberId }: Pick<Invitation, 'id' | 'memberId'>,
  ): Promise<void> {
    await tables.invitation.deleteMany({ where: { id } });
    await tables.member.deleteMany({ where: { id: memberId, status: 'invited' } });
  }
}
