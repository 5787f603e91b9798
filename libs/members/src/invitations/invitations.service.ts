import { Injectable, Logger } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { DomainError } from '@tenantry/kernel';
import type { Invitation, NewInvitation } from './invitation.js';
import { InvitationDelivery } from './invitation-delivery.js';
import { InvitationTokens, type NewToken } from './invitation-tokens.js';
import { InvitationWriting, type Written } from './invitation-writing.js';

/**
 * Invites people.
 *
 * The mail goes out after the commit, so that no link leads nowhere. Where it does not, what was
 * written is undone: the same request is answered alike when it is repeated, and nobody waits for a
 * mail that never went out.
 */
@Injectable()
export class InvitationsService {
  readonly #logger = new Logger(InvitationsService.name);

  constructor(
    private readonly writing: InvitationWriting,
    private readonly delivery: InvitationDelivery,
    private readonly tokens: InvitationTokens,
  ) {}

  async invite(caller: Caller, given: NewInvitation, expiresInHours: number): Promise<Invitation> {
    this.delivery.assertReady();
    const token = this.tokens.mint(expiresInHours);
    return this.#deliver(caller, await this.writing.make(caller, given, token), token);
  }

  /** The token that was sent before is void. */
  async resend(caller: Caller, id: string, expiresInHours: number): Promise<Invitation> {
    this.delivery.assertReady();
    const token = this.tokens.mint(expiresInHours);
    return this.#deliver(caller, await this.writing.renew(caller, id, token), token);
  }

  async withdraw(caller: Caller, id: string): Promise<void> {
    await this.writing.withdraw(caller, id);
  }

  async #deliver(caller: Caller, written: Written, token: NewToken): Promise<Invitation> {
    try {
      await this.delivery.send(caller, written, token);
    } catch (error) {
      await this.#undo(caller, written, error);
      throw error;
    }
    return written.invitation;
  }

  async #undo(caller: Caller, written: Written, error: unknown): Promise<void> {
    try {
      const reason = error instanceof DomainError ? error.code : 'mail.failed';
      await this.writing.undo(caller, written, reason);
    } catch (failure) {
      // It stays, and can be sent again or withdrawn.
      this.#logger.warn({ err: failure }, 'An invitation without a mail could not be undone.');
    }
  }
}
