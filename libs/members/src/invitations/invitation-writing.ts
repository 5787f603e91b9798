import { Injectable } from '@nestjs/common';

import { type Caller, Granting } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock, isUuid, newId } from '@tenantry/kernel';
import { rolesHeld } from '../member.js';
import { rolesGiven } from '../member-alteration.js';
import type { Invitation, NewInvitation } from './invitation.js';
import type { KeptToken } from './invitation-tokens.js';
import {
  InvitationExists,
  InvitationLimitReached,
  InvitationNotFound,
  PersonIsMember,
} from './invitations.errors.js';
import { InvitationsRepository } from './invitations.repository.js';

/** Each is a mail to somebody who did not ask for it. */
const OPEN_MAX = 1_000;
/** For how long one that nobody accepted is shown, and can be sent anew. */
const KEPT_MS = 30 * 86_400_000;

/** An invitation as it was written; its mail is still to be sent. */
export interface Written {
  readonly invitation: Invitation;
  readonly tenantName: string;
  readonly token: KeptToken;
  /** What was there before; null: nothing. */
  readonly before: KeptToken | null;
}

/** Writes invitations: who may, and what is on record of it. Sends nothing. */
@Injectable()
export class InvitationWriting {
  constructor(
    private readonly database: Database,
    private readonly invitations: InvitationsRepository,
    private readonly granting: Granting,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async make(caller: Caller, given: NewInvitation, token: KeptToken): Promise<Written> {
    const { email, roles, grants } = given;
    const id = newId();
    return this.database.within(caller.scope, async (tx) => {
      const tenantName = await this.invitations.lock(tx);
      await this.granting.assertGrantable(caller, tx, rolesGiven(roles, grants));
      const now = this.clock.now();
      await this.invitations.purge(tx, new Date(now.getTime() - KEPT_MS));
      if ((await this.invitations.countOpen(tx, now)) >= OPEN_MAX) {
        throw new InvitationLimitReached();
      }
      await this.#assertStranger(tx, email);
      await this.invitations.insert(tx, { id, invitedBy: caller.actor.id }, given, token);
      const invitation = await this.#found(tx, id);
      this.#tell(tx, caller, invitation, {
        deed: 'invitation.created',
        changes: { email: { after: email }, roles: { after: roles }, grants: { after: grants } },
      });
      return { invitation, tenantName, token, before: null };
    });
  }

  /** Whoever has it sent anew gives what it holds once more. */
  async renew(caller: Caller, id: string, token: KeptToken): Promise<Written> {
    return this.#alter(caller, id, async (tx, invitation, tenantName) => {
      await this.granting.assertReachable(caller, tx, rolesHeld(invitation));
      const before = await this.invitations.tokenOf(tx, id);
      await this.invitations.replaceToken(tx, id, token);
      this.#tell(tx, caller, invitation, { deed: 'invitation.resent' });
      return { invitation: await this.#found(tx, id), tenantName, token, before };
    });
  }

  async withdraw(caller: Caller, id: string): Promise<void> {
    await this.#alter(caller, id, async (tx, invitation) => {
      await this.granting.assertAlterable(caller, tx, rolesHeld(invitation));
      await this.invitations.delete(tx, invitation);
      this.#tell(tx, caller, invitation, { deed: 'invitation.withdrawn' });
    });
  }

  /** Takes back what was written, because its mail was not sent; unless something came of it since. */
  async undo(
    caller: Caller,
    { invitation, token, before }: Written,
    reason: string,
  ): Promise<void> {
    await this.database.within(caller.scope, async (tx) => {
      await this.invitations.lock(tx);
      const present = await this.invitations.tokenOf(tx, invitation.id);
      if (!present || !Buffer.from(present.digest).equals(token.digest)) return;
      if (before) await this.invitations.replaceToken(tx, invitation.id, before);
      else await this.invitations.delete(tx, invitation);
      this.#tell(tx, caller, invitation, { deed: 'invitation.mail_failed', reason });
    });
  }

  async #alter<Result>(
    caller: Caller,
    id: string,
    work: (tx: TenantTransaction, found: Invitation, tenantName: string) => Promise<Result>,
  ): Promise<Result> {
    if (!isUuid(id)) throw new InvitationNotFound();
    return this.database.within(caller.scope, async (tx) => {
      const tenantName = await this.invitations.lock(tx);
      return work(tx, await this.#found(tx, id), tenantName);
    });
  }

  async #assertStranger(tx: TenantTransaction, email: string): Promise<void> {
    const standing = await this.invitations.standingOf(tx, email);
    if (standing === 'invited') throw new InvitationExists();
    if (standing !== null) throw new PersonIsMember();
  }

  async #found(tx: TenantTransaction, id: string): Promise<Invitation> {
    const invitation = await this.invitations.find(tx, id);
    if (!invitation) throw new InvitationNotFound();
    return invitation;
  }

  #tell(
    tx: TenantTransaction,
    caller: Caller,
    { id, email, memberId }: Invitation,
    deed: Omit<Deed, 'target'>,
  ): void {
    this.audit.record(tx, caller, { ...deed, target: { kind: 'invitation', id, name: email } });
    tx.announce({ kind: 'member', id: memberId, tenantId: tx.tenantId });
  }
}
