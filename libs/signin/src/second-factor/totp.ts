import { randomBytes } from 'node:crypto';

import { Secret, TOTP } from 'otpauth';

const ISSUER = 'Tenantry';
/** As long as the output of SHA-1 (RFC 4226, section 4, requirement 6). */
const SECRET_BYTES = 20;
/** What every authenticator app can do; several silently ignore any other choice. */
const KIND = { algorithm: 'SHA1', digits: 6, period: 30 };
/** One step back and one ahead: for slow fingers and clocks (RFC 6238, section 5.2). */
const WINDOW = 1;
const CODE = /^[0-9]{6}$/;

/** The secret that a person's authenticator app and we share: to be kept sealed. */
export function newTotpSecret(): Buffer {
  return randomBytes(SECRET_BYTES);
}

/** The secret as people type it into an app: base32. */
export function totpSecretText(secret: Uint8Array): string {
  return secretOf(secret).base32;
}

/** The `otpauth:` URI that an app reads from a QR code. It holds the secret: shown once, never logged. */
export function totpUri(secret: Uint8Array, email: string): string {
  return new TOTP({ ...KIND, issuer: ISSUER, label: email, secret: secretOf(secret) }).toString();
}

/**
 * The time step whose code that is, or null where it is the code of none near.
 *
 * A code holds for a minute and a half, and whoever looked over a shoulder may send it once more: the
 * caller refuses every step that is not later than the last one that was used (RFC 6238, 5.2).
 */
export function totpStepOf(secret: Uint8Array, code: string, now: Date): number | null {
  const token = code.replaceAll(' ', '');
  if (!CODE.test(token)) return null;
  const timestamp = now.getTime();
  const delta = TOTP.validate({
    ...KIND,
    token,
    secret: secretOf(secret),
    timestamp,
    window: WINDOW,
  });
  return delta === null ? null : TOTP.counter({ period: KIND.period, timestamp }) + delta;
}

function secretOf(bytes: Uint8Array): Secret {
  // A copy: a small Buffer is a window on a larger one, whose other bytes are no part of the secret.
  return new Secret({ buffer: Uint8Array.from(bytes).buffer });
}
