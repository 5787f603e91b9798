import { type Mail, Mailer } from '@tenantry/mail';

/** Keeps every mail that was handed over, in place of a mail server; the latter has specs of its own. */
export class RecordedMail extends Mailer {
  readonly isReady = true;
  readonly sent: Mail[] = [];

  send(mail: Mail): Promise<void> {
    this.sent.push(mail);
    return Promise.resolve();
  }

  /** The secret in the link of the newest mail to an address; fails where there is none. */
  secretFor(address: string): string {
    const newest = this.sent.findLast(({ to }) => to.toLowerCase() === address.toLowerCase());
    const secret = /#token=([\w-]+)/.exec(newest?.text ?? '')?.[1];
    if (secret === undefined) throw new Error(`No mail with a link was sent to ${address}.`);
    return secret;
  }
}
