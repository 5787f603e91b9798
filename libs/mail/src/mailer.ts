/**
 * One message to one person.
 *
 * Plain text alone, with one link at the most: there is nothing in it to hide a link behind, nothing
 * that loads a picture and tells of the reading, and no markup that a name in it could break out of.
 */
export interface Mail {
  /** One address, without a name. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

/** Sends mail to people. */
export abstract class Mailer {
  /** Whether mail can be sent at all: ask before something is begun that cannot end without a mail. */
  abstract readonly isReady: boolean;

  /**
   * Hands one message to the mail server, within seconds and once. Throws `MailUnavailable`, or
   * `MailRefused` for an address that is not written to.
   */
  abstract send(mail: Mail): Promise<void>;
}
