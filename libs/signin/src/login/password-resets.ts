import { Injectable } from '@nestjs/common';

import { AddressThrottle, type RequestOrigin } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Mailer, MailUnavailable, passwordResetMail, secretLink } from '@tenantry/mail';
import { PeopleRepository } from '../people/people.repository.js';
import type { Person } from '../people/person.js';
import { Attempts } from './attempts.js';
import { Background } from './background.js';
import { NewPasswords } from './new-passwords.js';
import { PasswordChanges } from './password-changes.js';
import { RESET_LASTS_MINUTES, ResetTokens } from './reset-tokens.js';
import { SigninRecords } from './signin-records.js';

const REASON = 'password-resets';
const POINTER = '/newPassword';

/** The way back in for whoever forgot their password: by a letter to the address of the account. */
@Injectable()
export class PasswordResets {
  constructor(
    private readonly database: Database,
    private readonly people: PeopleRepository,
    private readonly tokens: ResetTokens,
    private readonly passwords: NewPasswords,
    // More than the usual four: a public route is bounded, and says nothing of what it does.
    private readonly changes: PasswordChanges,
    private readonly attempts: Attempts,
    private readonly throttle: AddressThrottle,
    private readonly background: Background,
    private readonly records: SigninRecords,
    private readonly mailer: Mailer,
    private readonly config: AppConfig,
  ) {}

  /** The same for every address, known or not; the rest is done after the answer. Throws `Throttled`. */
  async request(email: string, { ip }: RequestOrigin): Promise<void> {
    if (!this.mailer.isReady) throw new MailUnavailable();
    await this.attempts.countReset(email, ip);
    this.background.run('a password reset', () => this.#send(email));
  }

  /** Throws `ResetInvalid`, `PasswordRefused`, `Throttled`. */
  async reset(
    { token, newPassword }: { readonly token: string; readonly newPassword: string },
    origin: RequestOrigin,
  ): Promise<void> {
    const person = await this.throttle.attempt('secret', origin.ip, async () => {
      const owner = await this.tokens.ownerOf(token);
      const rules = { email: owner.email, pointer: POINTER };
      const passwordHash = await this.passwords.hash(newPassword, rules);
      await this.database.acrossTenants(REASON, async (tx) => {
        // The account before its resets, as everywhere: nobody waits in a circle.
        await this.people.lockByEmail(tx, owner.email);
        await this.tokens.useUp(tx, token);
        const reason = 'password_reset';
        await this.changes.replace(tx, { person: owner, passwordHash, reason, except: null });
        this.records.ofOwner(tx, owner, { deed: 'password.reset', origin });
      });
      return owner;
    });
    await this.attempts.forget(person.email, origin.ip);
    this.changes.notify(person);
  }

  async #send(email: string): Promise<void> {
    const letter = await this.database.acrossTenants(REASON, (tx) => this.#letter(tx, email));
    if (!letter) return;
    const link = secretLink(this.config.publicUrl, 'password/reset', letter.token);
    const { email: to } = letter.person;
    await this.mailer.send(passwordResetMail({ to, link, expiresInMinutes: RESET_LASTS_MINUTES }));
  }

  /** Null where nobody is to be written to: unknown, unproven, or written to often enough. */
  async #letter(
    tx: PlatformTransaction,
    email: string,
  ): Promise<{ readonly person: Person; readonly token: string } | null> {
    const person = await this.people.lockByEmail(tx, email);
    if (!person?.emailVerifiedAt) return null;
    const token = await this.tokens.issue(tx, person.id);
    if (token === null) return null;
    this.records.ofNobody(tx, person, 'password.reset_requested');
    return { person, token };
  }
}
