import { Injectable } from '@nestjs/common';

import {
  type CheckedEnrolment,
  type KnownPerson,
  PersonRegistry,
  PlatformAdmission,
  type RequestOrigin,
} from '@tenantry/access';
import type { PlatformTransaction } from '@tenantry/database';
import { PLATFORM_ID } from '@tenantry/kernel';
import type { Accepted, OpenInvitation } from './invitation.js';
import { InvitationRecords } from './invitation-records.js';
import { InvitationInvalid, PersonIsMember } from './invitations.errors.js';
import { OpenInvitations } from './open-invitations.js';

const IS_MEMBER = `
  select id from members where tenant_id = $1::uuid and person_id = $2::uuid`;

const ENTER = `
  update members set person_id = $3::uuid, status = 'active', email = $4,
    display_name = coalesce(display_name, $5), revision = revision + 1, updated_at = now()
  where tenant_id = $1::uuid and id = $2::uuid and kind = 'person' and status = 'invited'
  returning roles`;

/** Makes a member of somebody who has shown that they may act for the invited address. */
@Injectable()
export class InvitationEntry {
  constructor(
    private readonly open: OpenInvitations,
    private readonly people: PersonRegistry,
    private readonly platform: PlatformAdmission,
    private readonly records: InvitationRecords,
  ) {}

  /** All of it in one transaction: an account, a membership, and an invitation less; or nothing. */
  async enter(
    token: string,
    enrolment: CheckedEnrolment,
    origin: RequestOrigin,
  ): Promise<Accepted> {
    return this.open.take(token, async (tx, invitation) => {
      const person = await this.people.enrol(tx, enrolment);
      const accepted =
        invitation.tenantId === PLATFORM_ID
          ? await this.#enterPlatform(tx, invitation, person)
          : await this.#enterTenant(tx, invitation, person);
      this.records.accepted(tx, invitation, person, origin);
      return accepted;
    });
  }

  async #enterTenant(
    tx: PlatformTransaction,
    { tenantId, memberId, slug, email }: OpenInvitation,
    person: KnownPerson,
  ): Promise<Accepted> {
    const [known] = await tx.query<{ id: string }>(IS_MEMBER, [tenantId, person.id]);
    if (known) throw new PersonIsMember();
    const values = [tenantId, memberId, person.id, person.email, person.displayName];
    const [member] = await tx.query<{ roles: string[] }>(ENTER, values);
    if (!member || slug === null) throw new InvitationInvalid();
    tx.announce({ kind: 'member', id: memberId, tenantId });
    return { tenant: { id: tenantId, slug }, memberId, email, roles: member.roles };
  }

  /** There the invitation names the person: no other one with the address comes in by it. */
  async #enterPlatform(
    tx: PlatformTransaction,
    { memberId, email }: OpenInvitation,
    { id }: KnownPerson,
  ): Promise<Accepted> {
    if (id !== memberId) throw new InvitationInvalid();
    await this.platform.admit(tx, id);
    return { tenant: null, memberId: id, email, roles: [] };
  }
}
