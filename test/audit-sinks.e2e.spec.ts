import { createHmac } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newId } from '@tenantry/kernel';
import { type Received, WebhookReceiver } from '../libs/audit/src/sinks/fixtures/receiver.js';
import { eventually } from './eventually.js';
import { itemsOf, pointersOf, textOf } from './send.js';
import { type Household, refusalOf, TrustWorld, type Voice } from './trust-world.js';

const SECRET = /^whsec_[A-Za-z0-9+/]{43}=$/;

describe('where a trail is sent', () => {
  let world: TrustWorld;
  let house: Household;
  let stranger: Household;
  let viewer: Voice;
  let receiver: WebhookReceiver;
  let sinks: string;

  beforeAll(async () => {
    [world, receiver] = await Promise.all([TrustWorld.start(), WebhookReceiver.start()]);
    [house, stranger] = [await world.household(), await world.household()];
    sinks = `/v1/tenants/${house.id}/audit/sinks`;
    const [issuer] = itemsOf(await world.admin.get(house.issuers));
    const member = { email: 'eve@acme.example', roles: ['viewer'] };
    const known = { issuerId: issuer?.['id'], subject: 'eve' };
    textOf(await house.post(`/v1/tenants/${house.id}/members`, { ...member, ...known }), 'id');
    viewer = world.voice(world.token(`https://staff.${house.slug}.example`, { sub: 'eve' }));
  });
  afterAll(() => Promise.all([world.close(), receiver.stop()]));

  async function aSink(given: object = {}): Promise<{ readonly path: string; secret: string }> {
    const made = await house.post(sinks, { name: 'SIEM', url: receiver.url, ...given });
    return { path: `${sinks}/${textOf(made, 'id')}`, secret: textOf(made, 'secret') };
  }

  async function removed(path: string): Promise<void> {
    expect((await house.delete(path)).status).toBe(204);
  }

  async function messageWith(deed: string): Promise<Received> {
    const has = ({ type, data }: Received): boolean =>
      type === 'audit.events' && data.events.some((event) => event.deed === deed);
    const found = await eventually(
      () => receiver.received.find(has),
      (message) => message !== undefined,
    );
    if (!found) throw new Error('No such message.');
    return found;
  }

  it('is shown with its secret once, and sent what happens from then on', async () => {
    const body = { name: 'SIEM', url: receiver.url };
    const made = await house.post(sinks, body);
    const path = `${sinks}/${textOf(made, 'id')}`;
    const secret = textOf(made, 'secret');

    expect(made.status).toBe(201);
    expect(made.headers).toMatchObject({
      location: path,
      'cache-control': 'no-store',
      etag: '"1"',
    });
    // It may have been delivered to by now.
    const { delivered, lastSuccessAt, ...shown } = made.json as Record<string, unknown>;
    expect([typeof delivered, lastSuccessAt]).not.toContain(undefined);
    expect(shown).toEqual({
      id: expect.any(String),
      ...body,
      signing: 'hmac',
      publicKey: null,
      status: 'enabled',
      reason: null,
      attempts: 0,
      lastFailureAt: null,
      revision: 1,
      createdAt: expect.any(String),
      updatedAt: expect.any(String),
      secret: expect.stringMatching(SECRET),
    });

    const message = await messageWith('audit_sink.created');
    const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
    const text = `${message.id}.${message.timestamp}.${message.body}`;
    const signature = createHmac('sha256', key).update(text).digest('base64');
    expect(message.signatures).toEqual([`v1,${signature}`]);

    const told = await Promise.all([
      house.get(path),
      house.get(sinks),
      house.get(`/v1/tenants/${house.id}/audit/events?limit=200`),
    ]);
    for (const answer of told) {
      expect(answer.status).toBe(200);
      expect(answer.text).not.toContain(secret.slice('whsec_'.length));
    }
    await removed(path);
  });

  it('is signed by a key pair where that is wanted, of which the public key is shown', async () => {
    const given = { name: 'SIEM', url: receiver.url, signing: 'ed25519' };
    const made = await house.post(sinks, given);

    expect(made.json).toMatchObject({
      signing: 'ed25519',
      secret: null,
      publicKey: expect.stringMatching(/^whpk_[A-Za-z0-9+/]{43}=$/),
    });
    await removed(`${sinks}/${textOf(made, 'id')}`);
  });

  it('is tested at once, and says what its receiver made of it', async () => {
    const { path } = await aSink();

    const well = await house.post(`${path}/test`);
    expect(well.json).toEqual({ taken: true, status: 204, reason: null });
    expect(receiver.received.filter(({ type }) => type === 'audit.test')).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^test_[0-9a-f]{32}$/),
        data: { tenantId: house.id },
      }),
    ]);
    receiver.answerWith(500);
    const failing = await house.post(`${path}/test`);
    expect([failing.status, failing.json]).toEqual([
      200,
      { taken: false, status: 500, reason: 'http_500' },
    ]);
    receiver.answerWith(204);
    await removed(path);
  });

  it('is given a new secret, beside which the one before signs along', async () => {
    const { path, secret } = await aSink();

    const rotated = await house.post(`${path}/rotate`);
    expect(rotated.headers['cache-control']).toBe('no-store');
    expect(textOf(rotated, 'secret')).toMatch(SECRET);
    expect(textOf(rotated, 'secret')).not.toBe(secret);
    await house.post(`${path}/test`);
    const tested = receiver.received.findLast(({ type }) => type === 'audit.test');
    expect(tested?.signatures).toHaveLength(2);
    await removed(path);
  });

  it('is changed by whoever saw it last, and never to where nothing can be sent', async () => {
    const { path } = await aSink();

    expect(refusalOf(await house.patch(path, { name: 'x' }, null))).toBe(
      '428 request.precondition_required',
    );
    const changed = await house.patch(path, { name: 'Lake', status: 'disabled' }, '"1"');
    expect(changed.json).toMatchObject({ name: 'Lake', status: 'disabled', revision: 2 });
    expect(refusalOf(await house.patch(path, { name: 'x' }, '"1"'))).toBe(
      '412 request.revision_stale',
    );
    for (const url of ['https://169.254.169.254/', 'https://a:b@siem.example/', 'no url']) {
      const refused = await house.patch(path, { url });
      expect(refusalOf(refused)).toBe('422 audit.sink_url_forbidden');
      expect(pointersOf(refused)).toEqual(['/url']);
      expect(refusalOf(await house.post(sinks, { name: 'x', url }))).toBe(
        '422 audit.sink_url_forbidden',
      );
    }
    const wrong = await house.post(sinks, { name: '', url: 7, signing: 'md5', from: 'then' });
    expect(pointersOf(wrong).toSorted()).toEqual(['/from', '/name', '/signing', '/url']);
    await removed(path);
    expect(refusalOf(await house.get(path))).toBe('404 audit.sink_not_found');
  });

  it('has what it did not take sent again on demand', async () => {
    const { path } = await aSink();
    const letter = newId();
    await world.matrix.superuser.query(
      `insert into audit_dead_letters
         (tenant_id, id, sink_id, message_id, from_sequence, to_sequence, attempts, reason)
       values ($1, $2, $3, 'events_x_2', 1, 2, 11, 'http_500')`,
      [house.id, letter, path.split('/').at(-1)],
    );
    const redelivery = `${path}/dead-letters/${letter}/redeliver`;

    expect(itemsOf(await viewer.get(`${path}/dead-letters`))).toEqual([
      expect.objectContaining({ id: letter, from: 1, to: 2, attempts: 11, redeliveredAt: null }),
    ]);
    receiver.answerWith(503);
    const failed = await house.post(redelivery);
    expect(refusalOf(failed)).toBe('503 audit.sink_failed');
    expect(failed.json).toMatchObject({ sinkStatus: 503, sinkReason: 'http_503' });
    receiver.answerWith(204);
    const taken = await house.post(redelivery);
    expect(taken.json).toMatchObject({ id: letter, redeliveredAt: expect.any(String) });
    const again = receiver.received.findLast(({ data }) => data.from === 1);
    expect(again?.data.events.map(({ sequence }) => sequence)).toEqual([1, 2]);
    expect(refusalOf(await house.post(`${path}/dead-letters/${newId()}/redeliver`))).toBe(
      '404 audit.dead_letter_not_found',
    );
    await removed(path);
  });

  it('is seen by whoever reads the trail, kept by its admins, and unknown to strangers', async () => {
    const { path } = await aSink();
    const foreign = path.replace(house.id, stranger.id);

    expect(itemsOf(await viewer.get(sinks))).toHaveLength(1);
    const attempts = [
      viewer.post(sinks, { name: 'x', url: receiver.url }),
      viewer.patch(path, { name: 'x' }),
      viewer.delete(path),
      viewer.post(`${path}/rotate`),
      viewer.post(`${path}/test`),
      viewer.post(`${path}/dead-letters/${newId()}/redeliver`),
    ];
    for (const answer of await Promise.all(attempts)) {
      expect(refusalOf(answer)).toBe('403 access.permission_missing');
    }
    for (const answer of await Promise.all([
      stranger.get(foreign),
      stranger.patch(foreign, { name: 'x' }),
      stranger.delete(foreign),
      stranger.post(`${foreign}/rotate`),
      stranger.post(`${foreign}/test`),
      stranger.get(`${foreign}/dead-letters`),
    ])) {
      expect(refusalOf(answer)).toBe('404 audit.sink_not_found');
    }
    for (const answer of await Promise.all([stranger.get(path), stranger.delete(path)])) {
      expect(refusalOf(answer)).toBe('403 access.tenant_mismatch');
    }
    await removed(path);
  });

  it('leaves every deed upon it on record, and of its URL no more than the origin', async () => {
    const answer = await house.get(`/v1/tenants/${house.id}/audit/events?limit=200`);

    const deeds = new Set(itemsOf(answer).map(({ deed }) => deed));
    for (const deed of ['created', 'changed', 'removed', 'rotated', 'tested', 'redelivered']) {
      expect(deeds).toContain(`audit_sink.${deed}`);
    }
    expect(answer.text).toContain(new URL(receiver.url).origin);
    expect(answer.text).not.toContain(receiver.url);
  });
});
