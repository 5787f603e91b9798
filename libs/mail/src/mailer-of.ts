import type { AppConfig } from '@tenantry/config';
import { LogMailer } from './log-mailer.js';
import type { Mailer } from './mailer.js';
import { NoMailer } from './no-mailer.js';
import { SmtpMailer } from './smtp-mailer.js';
import { smtpServerOf } from './smtp-server-of.js';

/** Chooses how mail is sent. Whoever asks for it closes it: what is under way is finished first. */
export function mailerOf({
  mail,
  isProduction,
}: Pick<AppConfig, 'mail' | 'isProduction'>): Mailer & { close(): Promise<void> } {
  if (mail) return new SmtpMailer(smtpServerOf(mail.smtpUrl, isProduction), mail.from);
  return isProduction ? new NoMailer() : new LogMailer();
}
