import { createHmac, createPrivateKey, generateKeyPairSync, randomBytes, sign } from 'node:crypto';

import type { Signing } from './sink.js';

/** Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;

/** What messages are signed with, in base64: the shared secret, or the private key in PKCS #8. */
export interface WebhookKey {
  readonly signing: Signing;
  readonly key: string;
}

/** A new key, and what its receiver is given to verify by. */
export interface NewWebhookKey extends WebhookKey {
  /** `whsec_…`; null where there is a public key. */
  readonly secret: string | null;
  /** `whpk_…`; null where there is a secret. */
  readonly publicKey: string | null;
}

/** What is signed: the id, when it is sent, and every byte of the body. */
export interface SignedContent {
  readonly id: string;
  readonly timestampSeconds: number;
  readonly body: string;
}

export function newWebhookKey(signing: Signing): NewWebhookKey {
  if (signing === 'hmac') {
    const key = randomBytes(SECRET_BYTES).toString('base64');
    return { signing, key, secret: `whsec_${key}`, publicKey: null };
  }
  const pair = generateKeyPairSync('ed25519');
  const { x = '' } = pair.publicKey.export({ format: 'jwk' });
  const publicKey = `whpk_${Buffer.from(x, 'base64url').toString('base64')}`;
  const key = pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64');
  return { signing, key, secret: null, publicKey };
}

/** The headers of a message (Standard Webhooks 1.0.0): one signature by each key, the newest first. */
export function webhookHeaders(
  content: SignedContent,
  keys: readonly WebhookKey[],
): Readonly<Record<string, string>> {
  const { id, timestampSeconds, body } = content;
  const text = Buffer.from(`${id}.${timestampSeconds}.${body}`);
  return {
    'webhook-id': id,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': keys.map((key) => signatureOf(text, key)).join(' '),
  };
}

function signatureOf(text: Buffer, { signing, key }: WebhookKey): string {
  const bytes = Buffer.from(key, 'base64');
  if (signing === 'hmac') return `v1,${createHmac('sha256', bytes).update(text).digest('base64')}`;
  const privateKey = createPrivateKey({ key: bytes, format: 'der', type: 'pkcs8' });
  return `v1a,${sign(null, text, privateKey).toString('base64')}`;
}
