import { Injectable } from '@nestjs/common';

import { PasswordHasher } from '../passwords/password-hasher.js';
import { type PasswordOwner, PasswordPolicy } from '../passwords/password-policy.js';

/** Turns a password that somebody chose into what is kept of it. */
@Injectable()
export class NewPasswords {
  constructor(
    private readonly policy: PasswordPolicy,
    private readonly hasher: PasswordHasher,
  ) {}

  /** Throws `PasswordRefused` for a weak one. Slow: never in a transaction. */
  async hash(password: string, owner: PasswordOwner): Promise<string> {
    this.check(password, owner);
    return this.hasher.hash(password);
  }

  /** Throws `PasswordRefused` for a weak one. */
  check(password: string, owner: PasswordOwner): void {
    this.policy.check(password, owner);
  }

  /** The hash to keep from now on of a password that is right, or null where the old one does. */
  async renewed(password: string, passwordHash: string | null): Promise<string | null> {
    if (passwordHash === null || !this.hasher.needsRehash(passwordHash)) return null;
    return this.hasher.hash(password);
  }
}
