import { createHmac } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import type { Caller } from '@tenantry/access';
import type { Database } from '@tenantry/database';
import { type FetchOptions, type JsonPost, type Receipt, SafeOutbound } from '@tenantry/outbound';
import {
  aTenant,
  openTestDatabase,
  TestClock,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { eventually } from '../../../../test/eventually.js';
import { TENANTRY } from '../deed.js';
import { actorOf } from '../doers.js';
import { type Received, WebhookReceiver } from './fixtures/receiver.js';
import { SinkNode } from './fixtures/sink-node.js';
import type { NewSink } from './sink.js';
import type { SinkWithSecret } from './sinks.service.js';

const LOOPBACK = { insecureOrigins: [], insecureLoopback: true, allowedOrigins: [] };
const DAY_MS = 86_400_000;

/** Has no more patience than a spec. */
class HastyOutbound extends SafeOutbound {
  readonly timeouts = new Set<number | undefined>();

  override postJson(url: string, post: JsonPost, options: FetchOptions = {}): Promise<Receipt> {
    this.timeouts.add(options.timeoutMs);
    return super.postJson(url, post, { ...options, timeoutMs: 1_000 });
  }
}

let test: TestDatabase;
let second: Database;
let tenant: TestTenant;
let caller: Caller;
let clock: TestClock;
let outbound: HastyOutbound;
let node: SinkNode;
const receivers: WebhookReceiver[] = [];

beforeAll(async () => {
  test = await openTestDatabase();
  second = test.anotherNode();
});
afterAll(() => test.close());

beforeEach(async () => {
  // What other tests have left is nobody's affair here.
  await test.query('delete from audit_sinks');
  await test.query('update audit_heads set woken = false');
  tenant = await aTenant(test.database);
  clock = new TestClock('2026-11-22T12:00:00.000Z');
  outbound = new HastyOutbound(LOOPBACK, { resolve: () => Promise.resolve(['10.0.0.1']) });
  node = new SinkNode(test.database, outbound, clock);
  caller = callerIn(tenant);
});
afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.stop()));
});

function callerIn({ scope, ...state }: TestTenant): Caller {
  const actor = actorOf({ kind: 'person', id: 'ada', issuer: 'https://idp.test', subject: 'ada' });
  const origin = { requestId: 'r', ip: null, userAgent: null };
  return { actor, origin, scope, tenant: state } as unknown as Caller;
}

async function aReceiver(): Promise<WebhookReceiver> {
  const receiver = await WebhookReceiver.start();
  receivers.push(receiver);
  return receiver;
}

async function aSink(url: string, given: Partial<NewSink> = {}): Promise<SinkWithSecret> {
  return node.sinks.create(caller, { name: 'SIEM', url, ...given });
}

async function deeds(count: number, { scope } = tenant): Promise<void> {
  const target = { kind: 'thing', id: 'one' };
  const all = Array.from({ length: count }, () => ({ deed: 'spec.done', target }) as const);
  await node.audit.recordNow(scope, TENANTRY, all);
}

/** As if all that is waited for had come. */
async function waitOver(): Promise<void> {
  await test.query('update audit_sinks set due_at = now() where due_at is not null');
}

async function stateOf({ sink }: SinkWithSecret): Promise<Record<string, unknown>> {
  const [row] = await test.query(
    `select status, reason, attempts, delivered::int, trying_to::int as "tryingTo",
       case when due_at is null then 'rests' when due_at <= now() then 'due' else 'waits' end as next,
       round(extract(epoch from due_at - last_failure_at))::int as "waitSeconds"
     from audit_sinks where id = $1`,
    [sink.id],
  );
  return row ?? {};
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, n) => from + n);
}

function signatureBy(secret: string | null, { id, timestamp, body }: Received): string {
  const key = Buffer.from(secret?.slice('whsec_'.length) ?? '', 'base64');
  return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
}

describe('an audit sink', () => {
  it('hears what is new, signed, oldest first, a hundred at a time, and then rests', async () => {
    const receiver = await aReceiver();
    await deeds(3);
    const made = await aSink(receiver.url);
    await deeds(250);
    await deeds(2, await aTenant(test.database));

    await node.round();

    // The fourth record tells of the sink itself.
    expect(receiver.sequences).toEqual(range(4, 254));
    expect(receiver.received.map(({ data: { from, to } }) => [from, to])).toEqual([
      [4, 103],
      [104, 203],
      [204, 254],
    ]);
    expect(JSON.parse(receiver.received[0]?.body ?? '')).toMatchObject({
      type: 'audit.events',
      timestamp: expect.stringMatching(/Z$/),
      data: {
        tenantId: tenant.id,
        events: expect.arrayContaining([
          expect.objectContaining({
            deed: 'audit_sink.created',
            hash: expect.stringMatching(/^[0-9a-f]{64}$/),
          }),
        ]),
      },
    });
    for (const message of receiver.received) {
      expect(message.timestamp).toBe('1795348800');
      expect(message.signatures).toEqual([signatureBy(made.secret, message)]);
    }
    expect(new Set(receiver.received.map(({ id }) => id)).size).toBe(3);
    expect(outbound.timeouts).toEqual(new Set([15_000]));
    expect(await stateOf(made)).toMatchObject({ delivered: 254, next: 'rests', reason: null });

    await node.round();
    expect(receiver.received).toHaveLength(3);
    await deeds(1);
    await node.round();
    expect(receiver.sequences).toEqual(range(4, 255));
  });

  it('hears of fewer at a time where they are large', async () => {
    const receiver = await aReceiver();
    await aSink(receiver.url);
    const changes = { note: { after: 'x'.repeat(300_000) } };
    const large = { deed: 'spec.done', target: { kind: 'thing', id: 'one' }, changes } as const;
    await node.audit.recordNow(tenant.scope, TENANTRY, [large, large, large]);
    await deeds(1);

    await node.round();

    expect(receiver.received.map(({ data: { from, to } }) => [from, to])).toEqual([
      [1, 2],
      [3, 3],
      [4, 5],
    ]);
  });

  it('hears of a checkpoint after what it signs, and before what is later', async () => {
    const receiver = await aReceiver();
    await deeds(105);
    await node.checkpointing.sign(tenant.id);
    await aSink(receiver.url, { from: 'beginning' });
    await deeds(9);

    await node.round();

    const heard = receiver.received.map(({ type, data }) => [type, data.from, data.to]);
    expect(heard).toEqual([
      ['audit.events', 1, 100],
      ['audit.events', 101, 105],
      ['audit.checkpoint', 1, 105],
      ['audit.events', 106, 115],
    ]);
    expect(receiver.received[2]?.data).toMatchObject({
      kind: 'checkpoint',
      trail: tenant.id,
      number: 1,
      signature: expect.any(String),
      tombstone: null,
    });

    await node.checkpointing.sign(tenant.id);
    await test.query('update audit_heads set woken = true where tenant_id = $1', [tenant.id]);
    await node.round();
    expect(receiver.received.slice(4).map(({ type, data }) => [type, data.number])).toEqual([
      ['audit.checkpoint', 2],
    ]);
  });

  it('is told what retention took before it could hear of it', async () => {
    const receiver = await aReceiver();
    await deeds(5);
    await node.checkpointing.sign(tenant.id);
    await aSink(receiver.url, { from: 'beginning' });
    await test.query('delete from audit_records where tenant_id = $1 and sequence <= 5', [
      tenant.id,
    ]);

    await node.round();

    expect(receiver.received.map(({ type, data }) => [type, data.from, data.to])).toEqual([
      ['audit.checkpoint', 1, 5],
      ['audit.events', 6, 6],
    ]);
  });

  it('is sent the very message again that it did not take, and holds up nobody else', async () => {
    const [failing, well] = [await aReceiver(), await aReceiver()];
    const made = await aSink(failing.url);
    await aSink(well.url);
    failing.answerWith(503, { 'retry-after': '1800' });

    await node.round();
    expect(await stateOf(made)).toMatchObject({
      reason: 'http_503',
      attempts: 1,
      delivered: 0,
      next: 'waits',
    });
    const { waitSeconds } = await stateOf(made);
    expect(waitSeconds).toBeGreaterThanOrEqual(1_800);
    expect(waitSeconds).toBeLessThanOrEqual(2_160);

    await deeds(3);
    await node.round();
    expect(failing.received).toHaveLength(1);
    // It began where the trail stood: behind the first one's beginning.
    expect(well.sequences).toEqual(range(2, 5));

    failing.answerWith(200);
    await waitOver();
    await node.round();
    const [first, again, next] = failing.received;
    expect([again?.id, again?.body]).toEqual([first?.id, first?.body]);
    expect(next?.data.from).toBe((first?.data.to ?? 0) + 1);
    expect(failing.sequences.slice(-5)).toEqual(range(1, 5));
    expect(await stateOf(made)).toMatchObject({ attempts: 0, reason: null, next: 'rests' });
  });

  it.each([
    ['hangs', 'timeout', () => undefined],
    [
      'answers late',
      'timeout',
      (response: { writeHead(status: number): unknown }) => {
        response.writeHead(200);
        Reflect.apply(Reflect.get(response, 'flushHeaders') as () => void, response, []);
      },
    ],
  ])('that %s is tried again after a %s', async (_, reason, answering) => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    receiver.answering = answering;

    await node.round();

    expect(receiver.received).toHaveLength(1);
    expect(await stateOf(made)).toMatchObject({ reason, attempts: 1, next: 'waits' });
  });

  it('is not followed to where it points, nor sent to where its name leads inside', async () => {
    const [pointing, inside] = [await aReceiver(), await aReceiver()];
    const made = await aSink(pointing.url);
    const rebound = await aSink('https://siem.example/hook');
    pointing.answerWith(307, { location: inside.url });

    await node.round();

    expect(inside.received).toEqual([]);
    expect(await stateOf(made)).toMatchObject({ reason: 'http_307', attempts: 1 });
    expect(await stateOf(rebound)).toMatchObject({ reason: 'address_forbidden', attempts: 1 });
  });

  it('that is gone is disabled, on record, and goes on where it stopped once it is back', async () => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    receiver.answerWith(410);

    await node.round();
    await deeds(2);
    await node.round();

    expect(receiver.received).toHaveLength(1);
    expect(await stateOf(made)).toMatchObject({ status: 'disabled', reason: 'http_410' });
    const [told] = await test.query<{ record: Record<string, unknown> }>(
      `select record from audit_records where tenant_id = $1 and deed = 'audit_sink.changed'`,
      [tenant.id],
    );
    expect(told?.record).toMatchObject({
      actor: { kind: 'system', id: 'tenantry' },
      target: { kind: 'audit_sink', id: made.sink.id },
      changes: { status: { before: 'enabled', after: 'disabled' } },
      reason: 'http_410',
    });

    receiver.answerWith(200);
    const changes = { status: 'enabled' } as const;
    await node.sinks.change(caller, made.sink.id, { changes, expected: '*' });
    await node.round();
    expect(receiver.received[1]?.id).toBe(receiver.received[0]?.id);
    expect(receiver.sequences.slice(1)).toEqual(range(1, 5));
  });

  it('gets among its dead letters what it never took, goes on, and may have it again', async () => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    const { id } = made.sink;
    receiver.answerWith(500);
    await node.round();
    await test.query('update audit_sinks set attempts = 10, due_at = now() where id = $1', [id]);
    await deeds(2);
    receiver.answering = (response, { data }) =>
      response.writeHead(data.from === 1 ? 500 : 200).end();

    await node.round();

    expect(receiver.sequences).toEqual([1, 1, 2, 3]);
    const { items } = await node.trials.deadLetters(caller, id, { limit: 10 });
    const [letter] = items;
    expect(items).toEqual([
      expect.objectContaining({
        messageId: receiver.received[0]?.id,
        from: 1,
        to: 1,
        attempts: 11,
        reason: 'http_500',
        redeliveredAt: null,
      }),
    ]);

    const redeliver = () => node.trials.redeliver(caller, id, letter?.id ?? '');
    await expect(redeliver()).rejects.toMatchObject({
      code: 'audit.sink_failed',
      details: { sinkStatus: 500, sinkReason: 'http_500' },
    });
    receiver.answerWith(200);
    expect((await redeliver()).redeliveredAt).toBeInstanceOf(Date);
    expect(receiver.received.at(-1)?.id).toBe(receiver.received[0]?.id);
    expect(receiver.sequences.at(-1)).toBe(1);

    await test.query('delete from audit_records where tenant_id = $1', [tenant.id]);
    await expect(redeliver()).rejects.toMatchObject({ code: 'audit.dead_letter_empty' });
    const stranger = callerIn(await aTenant(test.database));
    await expect(node.trials.redeliver(stranger, id, letter?.id ?? '')).rejects.toMatchObject({
      code: 'audit.sink_not_found',
    });
  });

  it('is taken over from a node that died in the midst, which changes nothing any more', async () => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    await deeds(1);
    const other = new SinkNode(second, outbound, clock);

    const [claim] = await node.queue.take(1);
    const message = claim && (await node.source.next(claim));
    if (!claim || !message) throw new Error('Nothing was due.');
    await node.queue.pin(claim, message);
    await node.sender.send(claim, message);
    await deeds(2);
    await other.round();
    expect(receiver.received).toHaveLength(1);
    await waitOver();
    await other.round();

    const [first, again, rest] = receiver.received;
    expect([again?.id, again?.body]).toEqual([first?.id, first?.body]);
    expect(receiver.received).toHaveLength(3);
    expect(rest?.data).toMatchObject({ from: 3, to: 4 });
    expect(await node.queue.advance(claim, message)).toBeNull();
    await node.queue.retry(claim, 'late', 5);
    await node.queue.rest(claim);
    expect(await stateOf(made)).toMatchObject({ delivered: 4, attempts: 0, next: 'rests' });
  });

  it('is delivered to by one of two nodes alone, while both live and deeds go on', async () => {
    const receiver = await aReceiver();
    await aSink(receiver.url);
    const other = new SinkNode(second, outbound, clock);

    for (let n = 0; n < 10; n += 1) await Promise.all([node.round(), other.round(), deeds(7)]);
    await eventually(
      async () => {
        await Promise.all([node.round(), other.round()]);
        return receiver.sequences.length;
      },
      (count) => count >= 71,
    );

    expect(receiver.sequences).toEqual(range(1, 71));
  });

  it('is given up at once when its node stops, without blame, for another to go on', async () => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    receiver.answering = () => undefined;
    await node.schedule.lookOnce();
    await eventually(
      () => receiver.received.length,
      (count) => count === 1,
    );

    await node.schedule.onModuleDestroy();

    expect(await stateOf(made)).toMatchObject({ attempts: 0, reason: null, next: 'due' });
  });

  it('is signed for by the secret before, too, for a day; no secret stands anywhere', async () => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    await node.round();

    const rotated = await node.sinks.rotate(caller, made.sink.id);
    await node.round();
    clock.advance(DAY_MS);
    await deeds(1);
    await node.round();

    const [before, between, after] = receiver.received;
    if (!before || !between || !after) throw new Error('Too few messages.');
    expect(before.signatures).toEqual([signatureBy(made.secret, before)]);
    expect(between.signatures).toEqual([
      signatureBy(rotated.secret, between),
      signatureBy(made.secret, between),
    ]);
    expect(after.signatures).toEqual([signatureBy(rotated.secret, after)]);
    const [everything] = await test.query<{ text: string }>(
      `select string_agg(text, '') as text from (
         select sink::text as text from audit_sinks sink
         union all select record::text || personal::text from audit_records) all_of_it`,
    );
    for (const { secret } of [made, rotated]) {
      const key = Buffer.from(secret?.slice('whsec_'.length) ?? '', 'base64');
      expect(everything?.text).not.toContain(secret?.slice('whsec_'.length));
      expect(everything?.text).not.toContain(key.toString('hex'));
    }
  });

  it('is woken without anybody waiting for anybody, and never forgotten', async () => {
    const receiver = await aReceiver();
    const made = await aSink(receiver.url);
    await node.round();
    await deeds(1);

    await test.database.within(tenant.scope, async ({ query }) => {
      await query('select id from audit_sinks where id = $1::uuid for update', [made.sink.id]);
      await node.waking.wake();
    });
    expect(await stateOf(made)).toMatchObject({ next: 'rests' });
    await node.round();
    expect(receiver.sequences).toEqual([1, 2]);

    const changes = { status: 'disabled' } as const;
    await node.sinks.change(caller, made.sink.id, { changes, expected: '*' });
    await node.waking.wake();
    const [head] = await test.query('select woken from audit_heads where tenant_id = $1', [
      tenant.id,
    ]);
    expect(head).toEqual({ woken: true });
  });

  it('is one of ten at most, and at no place that can never be reached', async () => {
    await Promise.all(
      range(1, 12).map((n) => aSink(`https://siem.example/${n}`).catch(() => null)),
    );

    const { items } = await node.sinks.list(caller, { limit: 50 });
    expect(items).toHaveLength(10);
    await expect(aSink('https://siem.example/')).rejects.toMatchObject({
      code: 'audit.sink_limit_reached',
    });
    for (const url of ['https://a:b@siem.example/', 'https://10.0.0.1/', 'ftp://siem.example']) {
      await expect(aSink(url)).rejects.toMatchObject({
        code: 'audit.sink_url_forbidden',
        errors: [{ pointer: '/url', message: expect.any(String) }],
      });
    }
  });
});
