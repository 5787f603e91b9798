import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AppConfig } from '@tenantry/config';
import { invitationMail, Mailer, MailUnavailable, secretLink } from '@tenantry/mail';
import type { NewToken } from './invitation-tokens.js';
import type { Written } from './invitation-writing.js';

/** Sends invitations to those who are invited. */
@Injectable()
export class InvitationDelivery {
  constructor(
    private readonly mailer: Mailer,
    private readonly config: AppConfig,
  ) {}

  /** Throws `MailUnavailable` where no mail could be sent: ask before anything is written. */
  assertReady(): void {
    if (!this.mailer.isReady) throw new MailUnavailable();
  }

  /** Throws what the mailer throws. */
  async send(
    { actor }: Caller,
    { invitation, tenantName }: Written,
    { text, expiresAt }: NewToken,
  ): Promise<void> {
    const mail = invitationMail({
      to: invitation.email,
      tenantName,
      inviterName: actor.name ?? actor.email ?? actor.id,
      link: secretLink(this.config.publicUrl, 'invitations/accept', text),
      expiresAt,
    });
    await this.mailer.send(mail);
  }
}
