import { isIP } from 'node:net';

import ipaddr from 'ipaddr.js';

const PORT_SMTP = 587;
const PORT_SMTPS = 465;

/** A mail server, in the words of nodemailer. */
export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte on. */
  readonly secure: boolean;
  /** Nothing is said before STARTTLS. */
  readonly requireTLS: boolean;
  readonly tls: { readonly rejectUnauthorized: boolean };
  readonly auth?: { readonly user: string; readonly pass: string };
}

/**
 * Reads a URL that the settings accepted. nodemailer does not: it would take options from a query.
 *
 * `smtps://` is TLS throughout. `smtp://` begins in the clear, and takes up STARTTLS wherever it is
 * offered; but somebody in the middle can strike out the offer. So it is demanded in production, and
 * wherever a password is sent. A loopback host has no middle, and no certificate either that any
 * authority would sign: there STARTTLS is not demanded, and the certificate not checked.
 */
export function smtpServerOf(smtpUrl: string, isProduction: boolean): SmtpServer {
  const { protocol, hostname, port, username, password } = new URL(smtpUrl);
  const host = hostname.replace(/^\[|\]$/g, '');
  const secure = protocol === 'smtps:';
  const isOnLoopback = isLoopback(host);
  return {
    host,
    port: Number(port) || (secure ? PORT_SMTPS : PORT_SMTP),
    secure,
    requireTLS: !secure && !isOnLoopback && (isProduction || username !== ''),
    tls: { rejectUnauthorized: secure || !isOnLoopback },
    ...(username && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
  };
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host.toLowerCase() === 'localhost';
  return ipaddr.process(host).range() === 'loopback';
}
