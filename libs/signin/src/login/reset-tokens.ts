import { Injectable } from '@nestjs/common';

import { isSecretText, KeyedDigest, MasterKey, newSecretText } from '@tenantry/crypto';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { PeopleRepository } from '../people/people.repository.js';
import type { Person } from '../people/person.js';
import { ResetInvalid } from './login.errors.js';

export const RESET_LASTS_MINUTES = 30;
/** Nobody's letter box is filled by others: what comes beyond is not sent. */
const OPEN_MAX = 3;

/** Whose token that is, as long as it is good. */
const OWNER = `
  select person_id::text as id from password_resets
  where digest = $1 and used_at is null and expires_at > $2`;

const USE_UP = `
  update password_resets set used_at = $2::timestamptz
  where digest = $1 and used_at is null and expires_at > $2::timestamptz
  returning 1 as used`;

/** The tokens by which a forgotten password is set anew: each good once, and not for long. */
@Injectable()
export class ResetTokens {
  readonly #digests: KeyedDigest;

  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly clock: Clock,
    masterKey: MasterKey,
  ) {
    this.#digests = new KeyedDigest(masterKey, 'password-resets');
  }

  /** A token for an account that is locked; null where it has as many as it may. */
  async issue({ tables }: PlatformTransaction, personId: string): Promise<string | null> {
    const now = this.clock.now();
    const open = { personId, usedAt: null, expiresAt: { gt: now } };
    if ((await tables.passwordReset.count({ where: open })) >= OPEN_MAX) return null;
    const token = newSecretText('tnp_');
    const digest = new Uint8Array(this.#digests.of(token));
    const expiresAt = new Date(now.getTime() + RESET_LASTS_MINUTES * 60_000);
    await tables.passwordReset.create({ data: { digest, personId, expiresAt } });
    return token;
  }

  /** Whose it is; it stays good. Throws `ResetInvalid`. */
  async ownerOf(token: string): Promise<Person> {
    if (!isSecretText('tnp_', token)) throw new ResetInvalid();
    const values = [this.#digests.of(token), this.clock.now()];
    const [row] = await this.database.queryAcrossTenants<{ id: string }>(
      'password-resets',
      OWNER,
      values,
    );
    const person = row ? await this.people.find(row.id) : null;
    if (!person) throw new ResetInvalid();
    return person;
  }

  /** Throws `ResetInvalid` where somebody was faster. */
  async useUp({ query }: PlatformTransaction, token: string): Promise<void> {
    const used = await query(USE_UP, [this.#digests.of(token), this.clock.now()]);
    if (used.length === 0) throw new ResetInvalid();
  }

  /** Makes every token of an account void. */
  async voidAll({ tables }: PlatformTransaction, personId: string): Promise<void> {
    const where = { personId, usedAt: null };
    await tables.passwordReset.updateMany({ where, data: { usedAt: this.clock.now() } });
  }
}
