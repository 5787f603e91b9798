import { EventEmitter, once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';

import { afterEach, describe, expect, it, jest } from '@jest/globals';
import type { SMTPServerOptions } from 'smtp-server';

import { MailServer } from './fixtures/mail-server.js';
import { MailRefused, MailUnavailable } from './mail.errors.js';
import type { Mail } from './mailer.js';
import { SmtpMailer } from './smtp-mailer.js';
import { type SmtpServer, smtpServerOf } from './smtp-server-of.js';

const LINK = 'https://app.example.com/reset#token=c2VjcmV0LXRva2VuLW9mLXRoaXMtbWFpbA';
const MAIL: Mail = {
  to: 'ada@example.com',
  subject: 'Reset your password',
  text: `Hello,\n\n${LINK}\n`,
};
const FROM = '"Example, Inc." <accounts@example.com>';

const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function serverOf(options: SMTPServerOptions = {}): Promise<MailServer> {
  const server = await MailServer.start(options);
  ends.push(() => server.stop());
  return server;
}

/** A server of bytes alone, for what a mail server would not do. */
async function rawServer(greet: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    greet(socket);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  ends.push(async () => {
    sockets.forEach((socket) => socket.destroy());
    server.close();
    await once(server, 'close');
  });
  return (server.address() as AddressInfo).port;
}

interface MailerSettings extends Partial<SmtpServer> {
  readonly credentials?: string;
  readonly sendMs?: number;
}

function mailerTo(
  port: number,
  { credentials = '', sendMs, ...changes }: MailerSettings = {},
): SmtpMailer {
  const server = smtpServerOf(`smtp://${credentials}127.0.0.1:${port}`, true);
  const mailer = new SmtpMailer({ ...server, ...changes }, FROM, sendMs);
  ends.push(() => mailer.close());
  return mailer;
}

async function failureOf(sending: Promise<void>): Promise<MailRefused | MailUnavailable> {
  const error: unknown = await sending.then(
    () => 'sent',
    (thrown: unknown) => thrown,
  );
  if (error instanceof MailRefused || error instanceof MailUnavailable) return error;
  throw new Error(`Not a failure of mail: ${String(error)}`);
}

const traceOf = ({ cause }: Error): string => (cause instanceof Error ? cause.message : '');

function headersOf(raw: string): Readonly<Record<string, string>> {
  const [head = ''] = raw.split('\r\n\r\n');
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  return Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}

describe(SmtpMailer.name, () => {
  it('hands over plain text by STARTTLS, signed in, and keeps the connection', async () => {
    const server = await serverOf({
      authOptional: false,
      onAuth: ({ username, password }, _session, done) => {
        if (password === 'p@ss/w:rd') done(null, { user: username });
        else done(new Error('no'));
      },
    });
    const mailer = mailerTo(server.port, { credentials: 'tenantry:p%40ss%2Fw%3Ard@' });

    await mailer.send(MAIL);
    await mailer.send({ ...MAIL, to: 'bob@example.com', text: 'Grüße\n' });

    expect(server.received).toMatchObject([
      { from: 'accounts@example.com', to: ['ada@example.com'], secure: true, user: 'tenantry' },
      { from: 'accounts@example.com', to: ['bob@example.com'] },
    ]);
    expect(server.received[1]?.session).toBe(server.received[0]?.session);
    const raw = server.received[0]?.raw ?? '';
    expect(headersOf(raw)).toMatchObject({
      From: '"Example, Inc." <accounts@example.com>',
      To: 'ada@example.com',
      Subject: 'Reset your password',
      'Auto-Submitted': 'auto-generated',
      'Content-Type': 'text/plain; charset=utf-8',
      'Content-Transfer-Encoding': '7bit',
    });
    expect(raw.split('\r\n')).toContain(LINK);
    expect(server.received[1]?.raw).toContain('Gr=C3=BC=C3=9Fe');
  });

  it('lets no line break out of the subject', async () => {
    const server = await serverOf();
    const subject = 'Hi\r\nBcc: eve@evil.example\n\n<b>\u2028\u0000body';

    await mailerTo(server.port).send({ ...MAIL, subject });

    expect(server.received).toMatchObject([{ to: ['ada@example.com'] }]);
    expect(headersOf(server.received[0]?.raw ?? '')).toMatchObject({
      Subject: 'Hi Bcc: eve@evil.example <b> body',
    });
    expect(server.received[0]?.raw).not.toMatch(/^Bcc/m);
  });

  it.each([
    'ada@example.com\r\nBcc: eve@evil.example',
    'ada@example.com\n',
    'ada@example.com, eve@evil.example',
    'ada@example.com eve@evil.example',
    'ada@example.com>\r\nRCPT TO:<eve@evil.example',
    'Ada <ada@example.com>',
    'friends: ada@example.com;',
    '"ada eve"@example.com',
    'ada@[127.0.0.1]',
    'ada\u202e@example.com',
    'ada\0@example.com',
    'ada',
    '',
  ])('asks no server about the address %j', async (to) => {
    const server = await serverOf();

    expect(await failureOf(mailerTo(server.port).send({ ...MAIL, to }))).toBeInstanceOf(
      MailRefused,
    );
    expect(server.received).toEqual([]);
  });

  it('tells an address that is refused for good from one that is refused for now', async () => {
    const answers = [550, 450];
    const server = await serverOf({
      onRcptTo: ({ address }, _session, done) => {
        const text = `<${address}> is unknown here`;
        done(Object.assign(new Error(text), { responseCode: answers.shift() }));
      },
    });
    const mailer = mailerTo(server.port);

    const forGood = await failureOf(mailer.send(MAIL));
    const forNow = await failureOf(mailer.send(MAIL));

    expect(forGood).toBeInstanceOf(MailRefused);
    expect(forGood).toMatchObject({ code: 'mail.refused', kind: 'invalid' });
    expect(forNow).toBeInstanceOf(MailUnavailable);
    expect(forNow).toMatchObject({
      code: 'mail.unavailable',
      kind: 'unavailable',
      retryAfterSeconds: 30,
    });
    expect(traceOf(forGood)).toMatch(
      /^EENVELOPE: RCPT TO: 550: .* 550 <\(address\)> is unknown here$/,
    );
    [forGood, forNow].forEach((failure) => {
      expect(`${failure.message} ${traceOf(failure)}`).not.toContain('ada@');
    });
  });

  it('keeps out of the log what a server quotes of a message or of a password', async () => {
    const quoting = await serverOf({
      onData: (stream, _session, done) => {
        stream.resume().on('end', () => {
          const text = `spam: ${LINK} token=c2VjcmV0LXRva2VuLW9mLXRoaXMtbWFpbA for ada@example.com`;
          done(Object.assign(new Error(text), { responseCode: 554 }));
        });
      },
    });
    const locked = await serverOf({
      onAuth: ({ password }, _session, done) => {
        done(new Error(`not ${String(password)}`));
      },
    });

    const refused = await failureOf(mailerTo(quoting.port).send(MAIL));
    const signIn = mailerTo(locked.port, { credentials: 'tenantry:hunter2@' }).send(MAIL);

    expect(refused).toBeInstanceOf(MailUnavailable);
    expect(traceOf(refused)).toBe(
      'EMESSAGE: DATA: 554: Message failed: 554 spam: (link) (left out) for (address)',
    );
    expect(traceOf(await failureOf(signIn))).toBe('EAUTH: AUTH PLAIN: 535');
  });

  it('sends nothing in the clear, and nothing to a stranger, where TLS is demanded', async () => {
    const signIns = jest.fn();
    const plain = await serverOf({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (auth, _session, done) => {
        signIns(auth);
        done(null, { user: 'any' });
      },
    });
    const stranger = await serverOf();
    const credentials = 'tenantry:hunter2@';

    const stripped = mailerTo(plain.port, { requireTLS: true, credentials }).send(MAIL);
    const unknown = mailerTo(stranger.port, { tls: { rejectUnauthorized: true } }).send(MAIL);

    expect(traceOf(await failureOf(stripped))).toMatch(/^ETLS: STARTTLS/);
    expect(traceOf(await failureOf(unknown))).toMatch(/self-signed|unable to verify|expired/);
    expect([...plain.received, ...stranger.received]).toEqual([]);
    expect(signIns).not.toHaveBeenCalled();
  });

  it('gives up on a server that is not there, hangs, trickles or breaks off', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await once(closed, 'close');
    const mute = await rawServer(() => undefined);
    const trickling = await rawServer((socket) => {
      const timer = setInterval(() => socket.write('2'), 10);
      socket.on('close', () => {
        clearInterval(timer);
      });
    });
    const breaking = await rawServer((socket) => socket.end());

    const [absent, ...others] = await Promise.all([
      failureOf(mailerTo(port).send(MAIL)),
      failureOf(mailerTo(mute, { sendMs: 100 }).send(MAIL)),
      failureOf(mailerTo(trickling, { sendMs: 100 }).send(MAIL)),
      failureOf(mailerTo(breaking).send(MAIL)),
    ]);

    expect(traceOf(absent)).toMatch(/^ESOCKET: ECONNREFUSED: CONN/);
    expect(others.map(traceOf)).toEqual([
      'EABORT: Message sending aborted',
      'EABORT: Message sending aborted',
      'ECONNECTION: Reached maximum number of retries after connection was closed',
    ]);
    [absent, ...others].forEach((failure) => {
      expect(failure).toBeInstanceOf(MailUnavailable);
    });
  });

  it('finishes what is under way when it is closed, and sends nothing after', async () => {
    const arrivals = new EventEmitter<{ arrived: [() => void] }>();
    const server = await serverOf({
      onData: (stream, _session, done) => {
        stream.resume().on('end', () => arrivals.emit('arrived', done));
      },
    });
    const mailer = mailerTo(server.port);
    const arrived = once(arrivals, 'arrived');

    const sending = mailer.send(MAIL);
    const [finish] = (await arrived) as [() => void];
    const closing = mailer.close();
    finish();

    await expect(sending).resolves.toBeUndefined();
    await closing;
    expect(await failureOf(mailer.send(MAIL))).toBeInstanceOf(MailUnavailable);
  });
});
