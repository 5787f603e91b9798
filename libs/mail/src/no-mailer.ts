import { MailUnavailable } from './mail.errors.js';
import { Mailer } from './mailer.js';

/** Sends nothing, and says so: production without a mail server. */
export class NoMailer extends Mailer {
  readonly isReady = false;

  async send(): Promise<void> {
    return Promise.reject(new MailUnavailable({ cause: new Error('SMTP_URL is not set') }));
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}
