import { createTransport, type Transporter } from 'nodemailer';

import { isDoneWithin } from '@tenantry/kernel';
import { MailRefused } from './mail.errors.js';
import { type Mail, Mailer } from './mailer.js';
import { refusalOf } from './smtp-failure.js';
import type { SmtpServer } from './smtp-server-of.js';

const CONNECTIONS_MAX = 5;
const CONNECT_MS = 5_000;
/** For one message: waiting for a connection, and all that is said on it. */
const SEND_MS = 15_000;
const CLOSE_MS = 5_000;

/** One address, and nothing that could stand between two, end a line, or hide. */
const ADDRESS = /^[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}\p{Cf}]{1,255}$/u;
const LINE_BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
const NAME_AND_ADDRESS = /^"?(.*?)"?\s*<([^<>]+)>$/;

/** Hands mail to a server by SMTP, over a few connections that are kept. */
export class SmtpMailer extends Mailer {
  readonly isReady = true;
  readonly #transport: Transporter;
  readonly #from: { readonly name: string; readonly address: string };
  readonly #underWay = new Set<Promise<unknown>>();

  constructor(
    server: SmtpServer,
    from: string,
    private readonly sendMs = SEND_MS,
  ) {
    super();
    this.#from = senderOf(from);
    this.#transport = createTransport({
      ...server,
      pool: true,
      maxConnections: CONNECTIONS_MAX,
      maxRequeues: 1,
      connectionTimeout: CONNECT_MS,
      greetingTimeout: CONNECT_MS,
      dnsTimeout: CONNECT_MS,
      socketTimeout: SEND_MS,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
  }

  async send(mail: Mail): Promise<void> {
    if (!ADDRESS.test(mail.to)) throw new MailRefused();
    const sending = this.#hand(mail);
    this.#underWay.add(sending);
    try {
      await sending;
    } catch (error) {
      throw refusalOf(error);
    } finally {
      this.#underWay.delete(sending);
    }
  }

  /** Finishes what is under way, but does not wait long for it. */
  async close(): Promise<void> {
    await isDoneWithin(CLOSE_MS, Promise.allSettled(this.#underWay));
    this.#transport.close({ force: true });
  }

  async #hand({ to, subject, text }: Mail): Promise<unknown> {
    return this.#transport.sendMail({
      from: this.#from,
      to: { name: '', address: to },
      subject: subject.replace(LINE_BREAKS, ' '),
      text,
      // RFC 3834: an absent reader's machine does not answer it.
      headers: { 'Auto-Submitted': 'auto-generated' },
      // The time limits of a connection start anew with every byte that trickles in; this one does not.
      signal: AbortSignal.timeout(this.sendMs),
    });
  }
}

function senderOf(from: string): { readonly name: string; readonly address: string } {
  const [, name = '', address = from] = NAME_AND_ADDRESS.exec(from) ?? [];
  return { name, address };
}
