import { createPublicKey, verify } from 'node:crypto';

import { describe, expect, it } from '@jest/globals';

import { delayAfter } from './back-off.js';
import { newWebhookKey, webhookHeaders } from './webhook.js';

/** The example that the specification's own libraries are tested by. */
const PUBLISHED = {
  key: 'MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  content: {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestampSeconds: 1_614_265_330,
    body: '{"test": 2432232314}',
  },
  signature: 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
};

describe('signing as Standard Webhooks has it', () => {
  it('signs the published example as published, by each key', () => {
    const { key, content, signature } = PUBLISHED;
    const other = newWebhookKey('ed25519');

    const headers = webhookHeaders(content, [{ signing: 'hmac', key }, other]);

    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': expect.stringMatching(/^v1,[^ ]{44} v1a,[^ ]{88}$/),
    });
    const [byHmac, byEd25519 = ''] = headers['webhook-signature']?.split(' ') ?? [];
    expect(byHmac).toBe(signature);
    const x = Buffer.from(other.publicKey?.slice('whpk_'.length) ?? '', 'base64');
    const publicKey = createPublicKey({
      key: { kty: 'OKP', crv: 'Ed25519', x: x.toString('base64url') },
      format: 'jwk',
    });
    const text = Buffer.from(`${content.id}.1614265330.${content.body}`);
    const bytes = Buffer.from(byEd25519.slice('v1a,'.length), 'base64');
    expect(verify(null, text, publicKey, bytes)).toBe(true);
  });

  it('shows a receiver the secret, or the public key and never the private one', () => {
    const shared = newWebhookKey('hmac');
    const pair = newWebhookKey('ed25519');

    expect(shared.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(shared.publicKey).toBeNull();
    expect(pair.secret).toBeNull();
    expect(pair.publicKey).toMatch(/^whpk_[A-Za-z0-9+/]{43}=$/);
    expect(newWebhookKey('hmac').secret).not.toBe(shared.secret);
  });
});

describe(delayAfter, () => {
  const least = (): number => 0;
  const most = (): number => 1;

  it('waits longer each time, and gives up after eleven attempts', () => {
    const delays = Array.from({ length: 11 }, (_, n) => delayAfter(n + 1, null, least));

    expect(delays).toEqual([
      5,
      30,
      300,
      1_800,
      7_200,
      18_000,
      36_000,
      50_400,
      72_000,
      86_400,
      null,
    ]);
    expect(delayAfter(1, null, most)).toBe(6);
  });

  it.each([
    [2, 1_800],
    [60, 1_800],
    [3_000, 3_000],
    [86_400, 3_600],
  ])('is asked for %i seconds and waits for %i', (asked, seconds) => {
    expect(delayAfter(4, asked, least)).toBe(seconds);
  });

  it('gives up whatever the receiver asks for', () => {
    expect(delayAfter(11, 60, least)).toBeNull();
  });
});
