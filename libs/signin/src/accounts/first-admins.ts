import { Injectable } from '@nestjs/common';

import type { PlatformRole } from '@tenantry/access';
import { AuditTrail, TENANTRY } from '@tenantry/audit';
import type { AdminCredential, AdminPerson } from '@tenantry/config';
import { newSecretText } from '@tenantry/crypto';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock, foldEmail, newId } from '@tenantry/kernel';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { ClientSecrets } from './client-secrets.js';

const LOCK = '7236841, 4';
const NAME = 'First platform admin';
const EMAIL = 'admin@localhost';
const ROLES: PlatformRole[] = ['platform-admin'];

/** Who the settings say the first admins are; null where they say nothing. */
export interface ConfiguredAdmins {
  readonly client: AdminCredential | null;
  readonly person: AdminPerson | null;
}

/** What was generated, and is told once; null where there was nothing to generate. */
export type GeneratedAdmins = ConfiguredAdmins;

/**
 * Sees to it that somebody can run the platform: a client and a person, made where there is none.
 * Those of the settings are taken over at every start, so that a lost password is changed there.
 */
@Injectable()
export class FirstAdmins {
  constructor(
    private readonly database: Database,
    private readonly secrets: ClientSecrets,
    private readonly hasher: PasswordHasher,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async ensure({ client, person }: ConfiguredAdmins): Promise<GeneratedAdmins> {
    const generated = await this.database.acrossTenants('first-admins', async (tx) => {
      // Nodes that start at once make one of each.
      await tx.query(`select pg_advisory_xact_lock(${LOCK})::text`);
      return {
        client: client ? await this.#adoptClient(tx, client) : await this.#firstClient(tx),
        person: person ? await this.#hasPassword(tx, person) : await this.#firstPerson(tx),
      };
    });
    // Hashing takes longer than a lock should be held.
    if (generated.person) await this.#savePerson(generated.person);
    return { client: generated.client, person: person ? null : generated.person };
  }

  async #firstClient({ tables, ...tx }: PlatformTransaction): Promise<AdminCredential | null> {
    if ((await tables.platformServiceAccount.count()) > 0) return null;
    const credential = {
      clientId: `platform-${newId().slice(-12)}`,
      clientSecret: this.secrets.generate(),
    };
    await this.#insertClient({ tables, ...tx }, credential);
    return credential;
  }

  async #adoptClient(tx: PlatformTransaction, credential: AdminCredential): Promise<null> {
    const { platformServiceAccount: accounts } = tx.tables;
    const { clientId, clientSecret } = credential;
    const found = await accounts.findFirst({ where: { clientId } });
    if (!found) {
      await this.#insertClient(tx, credential);
    } else if (!this.secrets.matches(clientSecret, found.secretHash)) {
      const secretHash = new Uint8Array(this.secrets.hash(clientSecret));
      await accounts.updateMany({ where: { clientId }, data: { secretHash } });
      this.#record(tx, 'platform_account.secret_replaced', found.id);
    }
    return null;
  }

  async #insertClient(
    tx: PlatformTransaction,
    { clientId, clientSecret }: AdminCredential,
  ): Promise<void> {
    const id = newId();
    const secretHash = new Uint8Array(this.secrets.hash(clientSecret));
    await tx.tables.platformServiceAccount.create({
      data: { id, name: NAME, clientId, secretHash, roles: ROLES },
    });
    this.#record(tx, 'platform_account.created', id);
  }

  async #firstPerson({ tables }: PlatformTransaction): Promise<AdminPerson | null> {
    if ((await tables.platformAdmin.count()) > 0) return null;
    return { email: EMAIL, password: newSecretText('tnp_').slice(4, 28) };
  }

  /** Whether it is that person's password already; given back where it is still to be saved. */
  async #hasPassword(tx: PlatformTransaction, person: AdminPerson): Promise<AdminPerson | null> {
    const [found] = await tx.query<{ password_hash: string | null }>(
      `select p.password_hash from people p
       join platform_admins a on a.person_id = p.id and a.status = 'active'
       where p.email_folded = $1 and 'platform-admin' = any(a.roles)`,
      [foldEmail(person.email)],
    );
    const isSame =
      found && (await this.hasher.matches(person.password, found.password_hash ?? null));
    return isSame ? null : person;
  }

  async #savePerson({ email, password }: AdminPerson): Promise<void> {
    const passwordHash = await this.hasher.hash(password);
    await this.database.acrossTenants('first-admins', async (tx) => {
      const now = this.clock.now();
      const [row] = await tx.query<{ id: string }>(
        `insert into people
           (id, email, email_folded, display_name, password_hash, password_changed_at,
            email_verified_at, recovery_codes)
         values ($1::uuid, $2, $3, $4, $5, $6, $6, '{}')
         on conflict (email_folded) do update
           set password_hash = $5, password_changed_at = $6, revision = people.revision + 1
         returning id::text`,
        [newId(), email, foldEmail(email), NAME, passwordHash, now],
      );
      const id = row?.id ?? '';
      await tx.query(
        `insert into platform_admins (person_id, roles, status) values ($1::uuid, $2::text[], 'active')
         on conflict (person_id) do update
           set status = 'active', roles = $2::text[], revision = platform_admins.revision + 1`,
        [id, ROLES],
      );
      this.#record(tx, 'platform_account.created', id);
    });
  }

  #record(tx: PlatformTransaction, deed: `platform_account.${string}`, id: string): void {
    this.audit.recordOnPlatform(tx, TENANTRY, {
      deed,
      target: { kind: 'platform_account', id, name: NAME },
    });
    tx.announce({ kind: 'platform_account', id, tenantId: null });
  }
}
