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
const PASSWORD_CHARS = 24;
const ROLES: PlatformRole[] = ['platform-admin'];

/** Who the settings say the first admins are; null where they say nothing. */
export interface ConfiguredAdmins {
  readonly client: AdminCredential | null;
  readonly person: AdminPerson | null;
}

/** What was generated, and is told once; null where there was nothing to generate. */
export type GeneratedAdmins = ConfiguredAdmins;

/**
 * Sees to it that somebody can run the platform: a client and a person, each made once.
 *
 * The client of the settings is taken over at every start, so that a lost secret is changed there.
 * A person is made only where that address never had an account: whoever was removed since, or has
 * chosen another password, stays as they are.
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
      // Nodes that start at once make one.
      await tx.query(`select pg_advisory_xact_lock(${LOCK})::text`);
      return client ? this.#adoptClient(tx, client) : this.#firstClient(tx);
    });
    return { client: generated, person: await this.#ensurePerson(person) };
  }

  async #ensurePerson(configured: AdminPerson | null): Promise<AdminPerson | null> {
    const person = configured ?? {
      email: EMAIL,
      password: newSecretText('tnp_').slice(4, 4 + PASSWORD_CHARS),
    };
    if (await this.#isNeedless(person, configured !== null)) return null;
    const passwordHash = await this.hasher.hash(person.password);
    const isMade = await this.#insertPerson(person.email, passwordHash);
    return isMade && configured === null ? person : null;
  }

  /** Whether the address has, or had, an account, or, where none is asked for, somebody else runs the platform. */
  async #isNeedless({ email }: AdminPerson, isConfigured: boolean): Promise<boolean> {
    const rows = await this.database.queryAcrossTenants(
      'first-admins',
      `select 1 from people where email_folded = $1
       union all
       select 1 from platform_admins where not $2::boolean
       limit 1`,
      [foldEmail(email), isConfigured],
    );
    return rows.length > 0;
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

  /** Of nodes that start at once, one makes the person; answers whether it was this one. */
  async #insertPerson(email: string, passwordHash: string): Promise<boolean> {
    return this.database.acrossTenants('first-admins', async (tx) => {
      const [row] = await tx.query<{ id: string }>(
        `insert into people
           (id, email, email_folded, display_name, password_hash, password_changed_at,
            email_verified_at, recovery_codes)
         values ($1::uuid, $2, $3, $4, $5, $6, $6, '{}')
         on conflict (email_folded) do nothing
         returning id::text`,
        [newId(), email, foldEmail(email), NAME, passwordHash, this.clock.now()],
      );
      if (!row) return false;
      await tx.query(
        `insert into platform_admins (person_id, roles, status)
         values ($1::uuid, $2::text[], 'active')`,
        [row.id, ROLES],
      );
      this.#record(tx, 'platform_account.created', row.id);
      return true;
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
