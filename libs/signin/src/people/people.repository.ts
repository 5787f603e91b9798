import { Injectable } from '@nestjs/common';

import { Database, type PlatformTransaction } from '@tenantry/database';
import { foldEmail, isUuid, newId } from '@tenantry/kernel';
import type { Person } from './person.js';

const REASON = 'people';

const COLUMNS = `
  p.id::text, p.email, p.display_name as "displayName", p.password_hash as "passwordHash",
  p.email_verified_at as "emailVerifiedAt", p.totp_secret as "totpSecret",
  p.totp_confirmed_at as "totpConfirmedAt", p.totp_last_step::int as "totpLastStep",
  p.recovery_codes as "recoveryCodes"`;

/** Together, so that an unknown address costs as many round trips as a known one. */
const FOR_SIGN_IN = `
  select ${COLUMNS}, array(
    select distinct s.ip from sessions s
    where s.person_id = p.id and s.created_at > $2 and s.ip is not null
    limit 500) as ips
  from people p where p.email_folded = $1`;

/** Of two at the same moment one makes the row; the other then finds it. */
const INSERT = `
  insert into people
    (id, email, email_folded, display_name, password_hash, password_changed_at, email_verified_at,
     recovery_codes)
  values ($1::uuid, $2, $3, $4, $5, $6::timestamptz, $6::timestamptz, '{}')
  on conflict (email_folded) do nothing`;

/** A person, and the addresses that they have signed in from. */
export interface KnownPlaces extends Person {
  readonly ips: readonly string[];
}

/** An account that is made. */
export interface NewPerson {
  readonly email: string;
  readonly displayName: string | null;
  readonly passwordHash: string;
  readonly at: Date;
}

/** The people of all tenants: rows alone, no rules. */
@Injectable()
export class PeopleRepository {
  constructor(private readonly database: Database) {}

  async find(id: string): Promise<Person | null> {
    if (!isUuid(id)) return null;
    const [row] = await this.database.queryAcrossTenants<Person>(
      REASON,
      `select ${COLUMNS} from people p where p.id = $1::uuid`,
      [id],
    );
    return row ?? null;
  }

  /** With the addresses of sign-ins since then. */
  async findForSignIn(email: string, since: Date): Promise<KnownPlaces | null> {
    const values = [foldEmail(email), since];
    const [row] = await this.database.queryAcrossTenants<KnownPlaces>(REASON, FOR_SIGN_IN, values);
    return row ?? null;
  }

  /** Locked until the transaction ends. */
  async lockByEmail({ query }: PlatformTransaction, email: string): Promise<Person | null> {
    const [row] = await query<Person>(
      `select ${COLUMNS} from people p where p.email_folded = $1 for update`,
      [foldEmail(email)],
    );
    return row ?? null;
  }

  /** Whether that is the password still; if so, it stays until the transaction ends. */
  async lockWithHash(
    { query }: PlatformTransaction,
    id: string,
    passwordHash: string | null,
  ): Promise<boolean> {
    const rows = await query(
      'select 1 as held from people where id = $1::uuid and password_hash = $2 for update',
      [id, passwordHash],
    );
    return rows.length > 0;
  }

  /** Does nothing where the address is taken. */
  async insert({ query }: PlatformTransaction, person: NewPerson): Promise<void> {
    const { email, displayName, passwordHash, at } = person;
    const address = email.trim();
    await query(INSERT, [newId(), address, foldEmail(email), displayName, passwordHash, at]);
  }

  // By SQL, as in a tenant's transaction no Prisma model reaches across tenants.

  async verifyEmail({ query }: PlatformTransaction, id: string, at: Date): Promise<void> {
    await query(
      `update people set email_verified_at = $2::timestamptz, updated_at = $2::timestamptz
       where id = $1::uuid and email_verified_at is null`,
      [id, at],
    );
  }

  async setPassword(
    { query }: PlatformTransaction,
    id: string,
    { passwordHash, at }: { readonly passwordHash: string; readonly at: Date },
  ): Promise<void> {
    await query(
      `update people
       set password_hash = $2, password_changed_at = $3::timestamptz, revision = revision + 1,
         updated_at = $3::timestamptz
       where id = $1::uuid`,
      [id, passwordHash, at],
    );
  }

  /** The same password under another hash: nothing that anybody has to be told. */
  async replaceHash({ query }: PlatformTransaction, id: string, hash: string): Promise<void> {
    await query('update people set password_hash = $2 where id = $1::uuid', [id, hash]);
  }
}
