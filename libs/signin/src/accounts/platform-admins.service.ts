import { Injectable } from '@nestjs/common';

import { type Caller, isPlatformRole, RoleUnknown } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type PlatformTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageById,
} from '@tenantry/http';
import { Clock, foldEmail, newId } from '@tenantry/kernel';
import { MailUnavailable } from '@tenantry/mail';
import { Sessions } from '../sessions/sessions.js';
import { ClientSecrets } from './client-secrets.js';
import type { PlatformAdmin } from './platform-account-row.js';
import {
  LastPlatformAdmin,
  NoSuchVerbHere,
  PlatformAdminExists,
} from './platform-admins.errors.js';
import {
  type PlatformAdminUpdate,
  PlatformAdminsRepository,
} from './platform-admins.repository.js';
import { PlatformInvitations } from './platform-invitations.js';

const LIST = 'platform-admins';

/** A person to be invited. */
export interface InvitedAdmin {
  readonly email: string;
  readonly displayName: string | null;
  readonly roles: readonly string[];
  readonly hours: number;
}

/** A service account to be made. */
export interface NewPlatformService {
  readonly name: string;
  readonly roles: readonly string[];
}

/** A service account, and the secret that is told once. */
export interface RevealedService {
  readonly admin: PlatformAdmin;
  readonly clientSecret: string;
}

/** Who runs the platform: people, who are invited, and services. */
@Injectable()
export class PlatformAdminsService {
  constructor(
    private readonly database: Database,
    private readonly admins: PlatformAdminsRepository,
    private readonly invitations: PlatformInvitations,
    private readonly secrets: ClientSecrets,
    // More than the usual four: what is told, and where.
    private readonly sessions: Sessions,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  async list({
    limit,
    cursor,
  }: {
    readonly limit: number;
    readonly cursor?: string;
  }): Promise<Page<PlatformAdmin>> {
    return pageById(this.cursors, { list: LIST, scope: '', limit, cursor }, (stretch) =>
      this.admins.list(stretch),
    );
  }

  async get(id: string): Promise<PlatformAdmin> {
    return this.admins.require(id);
  }

  async invite(caller: Caller, invited: InvitedAdmin): Promise<PlatformAdmin> {
    assertRoles(invited.roles);
    if (!this.invitations.canSend) throw new MailUnavailable();
    const { email, displayName, roles, hours } = invited;
    const { personId, pending } = await this.#within(async (tx) => {
      const id = await this.#personOf(tx, email, displayName);
      const made = await tx.query(
        `insert into platform_admins (person_id, roles, status) values ($1::uuid, $2::text[], 'invited')
         on conflict do nothing returning 1 as made`,
        [id, roles],
      );
      if (made.length === 0) throw new PlatformAdminExists();
      this.#tell(tx, caller, id, {
        deed: 'platform_admin.invited',
        changes: { email: { after: email }, roles: { after: roles } },
      });
      return {
        personId: id,
        pending: await this.invitations.renew(tx, caller, { personId: id, email, hours }),
      };
    });
    try {
      await this.invitations.send(caller, pending);
    } catch (error) {
      // As if nobody had asked: the same request can be sent again.
      await this.#within(async (tx) => {
        await this.invitations.withdraw(tx, personId);
        await tx.tables.platformAdmin.deleteMany({ where: { personId, status: 'invited' } });
        this.#tell(tx, caller, personId, { deed: 'platform_admin.invitation_failed' });
      });
      throw error;
    }
    return this.admins.require(personId);
  }

  /** Sends another invitation to somebody who has not accepted yet; the old one is dead. */
  async resend(caller: Caller, id: string, hours: number): Promise<PlatformAdmin> {
    if (!this.invitations.canSend) throw new MailUnavailable();
    const pending = await this.#within(async (tx) => {
      const { status, email } = await this.admins.lock(tx, id);
      if (status !== 'invited' || email === null) {
        throw new NoSuchVerbHere('Nobody waits for an invitation here.');
      }
      this.#tell(tx, caller, id, { deed: 'platform_admin.invited_again' });
      return this.invitations.renew(tx, caller, { personId: id, email, hours });
    });
    await this.invitations.send(caller, pending);
    return this.admins.require(id);
  }

  async createService(caller: Caller, service: NewPlatformService): Promise<RevealedService> {
    const { name, roles } = service;
    assertRoles(roles);
    const id = newId();
    const clientSecret = this.secrets.generate();
    await this.#within(async (tx) => {
      await tx.tables.platformServiceAccount.create({
        data: {
          id,
          name,
          clientId: `platform-${id.slice(-12)}`,
          secretHash: new Uint8Array(this.secrets.hash(clientSecret)),
          roles: [...roles],
        },
      });
      this.#tell(tx, caller, id, {
        deed: 'platform_admin.created',
        changes: { name: { after: name }, roles: { after: roles } },
      });
    });
    return { admin: await this.admins.require(id), clientSecret };
  }

  async change(
    caller: Caller,
    id: string,
    {
      changes,
      expected,
    }: {
      readonly changes: Pick<PlatformAdminUpdate, 'name' | 'roles'>;
      readonly expected: ExpectedRevision;
    },
  ): Promise<PlatformAdmin> {
    const { roles, name } = changes;
    if (roles) assertRoles(roles);
    return this.#alter(id, async (tx, admin) => {
      assertRevision(expected, admin.revision);
      if (admin.status === 'invited' && name !== undefined) {
        throw new NoSuchVerbHere('Whoever accepts the invitation says their name.');
      }
      await this.admins.update(tx, admin, changes);
      this.#tell(tx, caller, id, {
        deed: 'platform_admin.changed',
        changes: {
          ...(name === undefined ? {} : { name: { before: admin.name, after: name } }),
          ...(roles ? { roles: { before: admin.roles, after: roles } } : {}),
        },
      });
      return { ...admin, ...(roles ? { roles: roles.filter(isPlatformRole) } : {}) };
    });
  }

  async suspend(caller: Caller, id: string): Promise<PlatformAdmin> {
    return this.#setStatus(caller, id, 'suspended');
  }

  async reactivate(caller: Caller, id: string): Promise<PlatformAdmin> {
    return this.#setStatus(caller, id, 'active');
  }

  /** Gives a service account another secret; the old one is good for so many seconds more. */
  async rotate(caller: Caller, id: string, overlapSeconds: number): Promise<RevealedService> {
    const clientSecret = this.secrets.generate();
    await this.#within(async (tx) => {
      const { kind } = await this.admins.lock(tx, id);
      if (kind !== 'service') throw new NoSuchVerbHere('Only a service account has a secret.');
      await tx.query(
        `update platform_service_accounts set previous_secret_hash = secret_hash,
           previous_until = $2, secret_hash = $3, revision = revision + 1, updated_at = now()
         where id = $1::uuid`,
        [
          id,
          new Date(this.clock.now().getTime() + overlapSeconds * 1_000),
          this.secrets.hash(clientSecret),
        ],
      );
      this.#tell(tx, caller, id, { deed: 'platform_admin.secret_rotated' });
    });
    return { admin: await this.admins.require(id), clientSecret };
  }

  async remove(caller: Caller, id: string, expected: ExpectedRevision): Promise<void> {
    await this.#within(async (tx) => {
      const admin = await this.admins.lock(tx, id);
      assertRevision(expected, admin.revision);
      await this.#assertAnotherAdmin(tx, admin);
      await this.admins.delete(tx, admin);
      await this.invitations.withdraw(tx, id);
      // Whoever has not accepted is an admin of nothing yet: what they have in tenants is their own.
      if (admin.status !== 'invited') {
        await this.sessions.endOfPerson(tx, id, { reason: 'platform_admin_removed' });
      }
      this.#tell(tx, caller, id, { deed: 'platform_admin.removed' });
    });
  }

  async #setStatus(
    caller: Caller,
    id: string,
    status: 'active' | 'suspended',
  ): Promise<PlatformAdmin> {
    return this.#alter(id, async (tx, admin) => {
      if (admin.status === 'invited') throw new NoSuchVerbHere('The invitation is still open.');
      if (admin.status === status) return admin;
      await this.admins.update(tx, admin, { status });
      // What the person has open in tenants ends too: an account is trusted as a whole, or not.
      if (status === 'suspended') {
        await this.sessions.endOfPerson(tx, id, { reason: 'platform_admin_suspended' });
      }
      this.#tell(tx, caller, id, {
        deed: status === 'active' ? 'platform_admin.reactivated' : 'platform_admin.suspended',
        changes: { status: { before: admin.status, after: status } },
      });
      return { ...admin, status };
    });
  }

  async #alter(
    id: string,
    work: (tx: PlatformTransaction, admin: PlatformAdmin) => Promise<PlatformAdmin>,
  ): Promise<PlatformAdmin> {
    await this.#within(async (tx) => {
      const admin = await this.admins.lock(tx, id);
      const altered = await work(tx, admin);
      if (!isActiveAdmin(altered)) await this.#assertAnotherAdmin(tx, admin);
    });
    return this.admins.require(id);
  }

  async #assertAnotherAdmin(tx: PlatformTransaction, admin: PlatformAdmin): Promise<void> {
    if (!isActiveAdmin(admin)) return;
    if ((await this.admins.countOtherAdmins(tx, admin.id)) === 0) throw new LastPlatformAdmin();
  }

  /** Whoever has that address, whether or not they have an account yet. */
  async #personOf(
    tx: PlatformTransaction,
    email: string,
    displayName: string | null,
  ): Promise<string> {
    const [row] = await tx.query<{ id: string }>(
      `insert into people (id, email, email_folded, display_name, recovery_codes)
       values ($1::uuid, $2, $3, $4, '{}')
       on conflict (email_folded) do update set email_folded = excluded.email_folded
       returning id::text`,
      [newId(), email, foldEmail(email), displayName],
    );
    return row?.id ?? '';
  }

  async #within<Result>(work: (tx: PlatformTransaction) => Promise<Result>): Promise<Result> {
    return this.database.acrossTenants('platform-admins', work);
  }

  #tell(
    tx: PlatformTransaction,
    caller: Caller,
    id: string,
    { deed, changes }: Pick<Deed, 'deed' | 'changes'>,
  ): void {
    const target = { kind: 'platform_admin', id };
    this.audit.recordOnPlatform(tx, caller, { deed, target, ...(changes ? { changes } : {}) });
    tx.announce({ kind: 'platform_account', id, tenantId: null });
  }
}

function isActiveAdmin({ status, roles }: Pick<PlatformAdmin, 'status' | 'roles'>): boolean {
  return status === 'active' && roles.includes('platform-admin');
}

function assertRoles(roles: readonly string[]): void {
  const wrong = roles.findIndex((role) => !isPlatformRole(role));
  if (wrong === -1) return;
  throw new RoleUnknown({ pointer: `/roles/${wrong}`, message: 'is no role of the platform' });
}
