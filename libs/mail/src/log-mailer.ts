import { Logger } from '@nestjs/common';

import { type Mail, Mailer } from './mailer.js';

const LINK = /https?:\/\/\S+/;

/** Writes mail to the log, secrets and all, for a developer to read. Never made in production. */
export class LogMailer extends Mailer {
  readonly isReady = true;
  readonly #logger = new Logger(LogMailer.name);

  async send({ to, subject, text }: Mail): Promise<void> {
    // The link once more by itself: in the text of a JSON line it runs into the `\n` that follows.
    const link = LINK.exec(text)?.[0];
    this.#logger.log({ to, subject, text, link }, 'mail not sent: no SMTP_URL');
    await Promise.resolve();
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
