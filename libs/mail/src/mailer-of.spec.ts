import { Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { LogMailer } from './log-mailer.js';
import { MailUnavailable } from './mail.errors.js';
import { mailerOf } from './mailer-of.js';
import { NoMailer } from './no-mailer.js';
import { SmtpMailer } from './smtp-mailer.js';
import { smtpServerOf } from './smtp-server-of.js';

const MAIL = {
  to: 'ada@example.com',
  subject: 'Reset your password',
  text: 'Hello,\n\nhttps://app.example.com/reset#token=secret\n\nBye\n',
};
const SMTP = { smtpUrl: 'smtp://127.0.0.1:1', from: 'accounts@example.com' };

function spyOnLog(): jest.Mock {
  const written = jest.fn();
  Logger.overrideLogger({ log: written, error: written, warn: written, debug: written });
  return written;
}

describe(mailerOf.name, () => {
  afterEach(() => {
    Logger.overrideLogger(['error']);
  });

  it('writes mail to the log in development, as one line with a link to click', async () => {
    const written = spyOnLog();
    const mailer = mailerOf({ mail: null, isProduction: false });

    await mailer.send(MAIL);
    await mailer.close();

    expect(mailer).toBeInstanceOf(LogMailer);
    expect(mailer.isReady).toBe(true);
    expect(written.mock.calls).toEqual([
      [
        { ...MAIL, link: 'https://app.example.com/reset#token=secret' },
        'mail not sent: no SMTP_URL',
        'LogMailer',
      ],
    ]);
  });

  it('sends nothing and writes nothing in production without a mail server', async () => {
    const written = spyOnLog();
    const mailer = mailerOf({ mail: null, isProduction: true });

    const failure = await mailer.send(MAIL).catch((error: unknown) => error);
    await mailer.close();

    expect(mailer).toBeInstanceOf(NoMailer);
    expect(mailer.isReady).toBe(false);
    expect(failure).toBeInstanceOf(MailUnavailable);
    expect(failure).toMatchObject({ cause: { message: 'SMTP_URL is not set' } });
    expect(written).not.toHaveBeenCalled();
  });

  it.each([true, false])(
    'sends by SMTP where a server is set (production: %s)',
    async (isProduction) => {
      const written = spyOnLog();
      const mailer = mailerOf({ mail: SMTP, isProduction });

      // Nobody listens on port 1: what fails is not written to the log instead.
      await expect(mailer.send(MAIL)).rejects.toBeInstanceOf(MailUnavailable);
      await mailer.close();

      expect(mailer).toBeInstanceOf(SmtpMailer);
      expect(mailer.isReady).toBe(true);
      expect(written).not.toHaveBeenCalled();
    },
  );
});

describe(smtpServerOf.name, () => {
  it('reads host, port and credentials', () => {
    expect(smtpServerOf('smtps://user%40x:p%2Fw@mail.example.com', true)).toEqual({
      host: 'mail.example.com',
      port: 465,
      secure: true,
      requireTLS: false,
      tls: { rejectUnauthorized: true },
      auth: { user: 'user@x', pass: 'p/w' },
    });
    expect(smtpServerOf('smtp://[2001:db8::1]', true)).toMatchObject({
      host: '2001:db8::1',
      port: 587,
    });
    expect(smtpServerOf('SMTP://mailpit:1025/', false)).toMatchObject({
      host: 'mailpit',
      port: 1_025,
    });
  });

  it.each([
    ['smtp://mail.example.com', true, true, true],
    ['smtp://10.0.0.5:25', true, true, true],
    ['smtp://mailpit:1025', false, false, true],
    ['smtp://user:pass@mailpit:1025', false, true, true],
    ['smtp://localhost.example.com', true, true, true],
    ['smtp://LOCALHOST', true, false, false],
    ['smtp://127.8.8.8', true, false, false],
    ['smtp://[::1]', true, false, false],
    ['smtp://[::ffff:127.0.0.1]', true, false, false],
    ['smtp://127.1', true, true, true],
    ['smtp://user:pass@localhost', true, false, false],
    ['smtps://localhost', true, false, true],
  ])(
    'for %s (production: %s) demands STARTTLS: %s, and a trusted certificate: %s',
    (url, isProduction, requireTLS, rejectUnauthorized) => {
      expect(smtpServerOf(url, isProduction)).toMatchObject({
        requireTLS,
        tls: { rejectUnauthorized },
      });
    },
  );
});
