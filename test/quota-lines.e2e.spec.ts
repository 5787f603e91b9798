import { once } from 'node:events';
import { type ClientRequest, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type Answer, pointersOf, send, textOf } from './send.js';
import { type VaultTenant, VaultWorld } from './vault-world.js';
import { answeredWith } from './world.js';

const NDJSON = { 'content-type': 'application/x-ndjson' };
/** So often a caller is asked in again. */
const READMITTED_EVERY_SECONDS = 1;
const LASTS_SECONDS = 30;

/** One request whose body is written line by line, and its answer as it comes. */
class Exchange {
  readonly #request: ClientRequest;
  readonly #response: Promise<IncomingMessage>;
  #lines: AsyncIterator<string> | null = null;

  constructor(url: string, token: string) {
    const headers = { ...NDJSON, authorization: `Bearer ${token}` };
    this.#request = request(url, { method: 'POST', headers });
    this.#response = new Promise((resolve, reject) => {
      this.#request.once('response', resolve).on('error', reject);
    });
  }

  say(...lines: readonly (object | string)[]): void {
    const texts = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
    this.#request.write(texts.map((text) => `${text}\n`).join(''));
  }

  /** A part of a line, whose end is to follow. */
  begin(text: string): void {
    this.#request.write(text);
  }

  /** When the connection is gone, though this side never ended what it says. */
  async closed(): Promise<void> {
    const { socket } = this.#request;
    if (socket && !socket.destroyed) await once(socket, 'close');
  }

  end(rest = ''): void {
    this.#request.end(rest);
  }

  /** The next line of the answer; null: there is none any more. */
  async next(): Promise<unknown> {
    this.#lines ??= createInterface({ input: await this.#response })[Symbol.asyncIterator]();
    const { value, done } = await this.#lines.next();
    return done === true ? null : JSON.parse(value);
  }

  async head(): Promise<Pick<IncomingMessage, 'statusCode' | 'headers'>> {
    return this.#response;
  }

  /** Says this, and hears what it is answered, while the request goes on. */
  async ask(line: object | string): Promise<unknown> {
    this.say(line);
    return this.next();
  }

  async rest(): Promise<unknown[]> {
    const answers: unknown[] = [];
    for (let line = await this.next(); line !== null; line = await this.next()) answers.push(line);
    return answers;
  }
}

describe('demands in lines', () => {
  let world: VaultWorld;
  let tenant: VaultTenant;
  let kinds = 0;

  beforeAll(async () => {
    world = await VaultWorld.start();
    tenant = await world.tenant();
  });
  afterAll(() => world.close());

  const one = (kind: string, amount = 1): object => ({ demands: [{ kind, amount }] });
  const exchange = ({ at, token } = tenant, { url } = world.world.api): Exchange =>
    new Exchange(`${url}${at}/quotas/consume`, token);
  const post = (path: string, headers: object, raw = JSON.stringify(one('any'))): Promise<Answer> =>
    send(world.world.api.url, {
      ...{ method: 'POST', path, token: tenant.token, raw },
      headers: { ...NDJSON, ...headers },
    });

  /** A kind that no other test has named, with so much for today. */
  async function limited(limit: number): Promise<string> {
    const kind = `kind-${(kinds += 1)}`;
    const body = { windows: [{ period: 'day', limit }] };
    answeredWith(201, await tenant.root.put(`${tenant.at}/quotas/${kind}`, body));
    return kind;
  }

  it('are answered one by one, each before the next is said', async () => {
    const kind = await limited(10);
    const lines = exchange();

    expect(await lines.ask({ id: 'a', ...one(kind, 3) })).toEqual({
      id: 'a',
      allowed: true,
      remaining: { [kind]: 7 },
      limits: [expect.objectContaining({ kind, name: 'day', quota: 10, remaining: 7 })],
      limit: null,
      retryAfterSeconds: null,
      shadowed: [],
    });
    expect(await lines.ask({ ...one(kind, 8), check: true })).toMatchObject({
      ...{ id: null, allowed: false, limit: { kind, name: 'day' } },
    });
    expect(await lines.ask({ id: 'c', ...one(kind, 7) })).toMatchObject({
      ...{ id: 'c', allowed: true, remaining: { [kind]: 0 } },
    });
    lines.end();
    expect(await lines.next()).toBeNull();
    expect(await lines.head()).toMatchObject({
      statusCode: 200,
      headers: { 'content-type': 'application/x-ndjson' },
    });
  });

  it('are answered in order and in place, whatever is wrong with one of them', async () => {
    const kind = await limited(2);
    const lines = exchange();
    const invalid = (pointer: string): object => ({
      code: 'request.invalid',
      errors: [expect.objectContaining({ pointer })],
    });

    lines.say(
      { id: 'first', ...one(kind) },
      'no JSON at all',
      '',
      { id: 'zero', ...one(kind, 0) },
      { id: 'a name that is none', ...one(kind) },
      { id: 'long', ...one(kind), note: 'x'.repeat(70_000) },
      { id: 'too-much', ...one(kind, 2) },
    );
    // The last one needs no end of its own.
    lines.end(JSON.stringify({ id: 'last', ...one(kind) }));

    expect(await lines.rest()).toMatchObject([
      { id: 'first', allowed: true, remaining: { [kind]: 1 } },
      invalid(''),
      invalid('/demands/0/amount'),
      invalid('/id'),
      { id: null, ...invalid('') },
      { id: 'too-much', allowed: false, limit: { kind, name: 'day', quota: 2, remaining: 1 } },
      { id: 'last', allowed: true, remaining: { [kind]: 0 } },
    ]);
  });

  it('count once by their key, on this connection and on the next', async () => {
    const kind = await limited(10);
    const keyed = { key: 'once', ...one(kind, 3) };
    const [lines, later] = [exchange(), exchange()];

    lines.say(keyed, keyed, { key: 'once', ...one(kind, 4) }, { key: 'other', ...one(kind, 1) });
    lines.end();
    const answers = await lines.rest();
    later.end(JSON.stringify(keyed));

    expect([...answers, ...(await later.rest())]).toMatchObject([
      { allowed: true },
      { allowed: true },
      { code: 'request.idempotency_mismatch' },
      { allowed: true },
      { allowed: true },
    ]);
    const { json } = await tenant.root.get(`${tenant.at}/quotas/${kind}`);
    expect(json).toMatchObject({ remaining: [{ limit: 'day', quota: 10, remaining: 6 }] });
  });

  it('are refused with a key for all of them, and where no lines are taken', async () => {
    const consume = `${tenant.at}/quotas/consume`;

    const keyed = await post(consume, { 'idempotency-key': 'one-for-all' });

    expect(keyed).toMatchObject({ status: 422, json: { code: 'request.invalid' } });
    expect(pointersOf(keyed)).toEqual(['/headers/idempotency-key']);
    for (const [path, type] of [
      [consume, 'text/plain'],
      [consume, 'application/jsonl'],
      [`${tenant.at}/quotas/refund`, NDJSON['content-type']],
      [`${tenant.at}/usage/events`, NDJSON['content-type']],
    ] as const) {
      expect((await post(path, { 'content-type': type })).status).toBe(415);
    }
  });

  it('are refused to a stranger and to whoever may not spend', async () => {
    const { token } = await world.tenant();
    const viewer = await world.serviceToken(tenant.at, ['viewer']);

    const codes = [];
    for (const by of [token, viewer]) {
      const lines = exchange({ ...tenant, token: by });
      lines.end(JSON.stringify(one('any')));
      codes.push([(await lines.head()).statusCode, await lines.next()]);
    }

    expect(codes).toEqual([
      [403, expect.objectContaining({ code: 'access.tenant_mismatch' })],
      [403, expect.objectContaining({ code: 'access.permission_missing' })],
    ]);
  });

  describe('end', () => {
    let other: VaultTenant;

    beforeAll(async () => {
      other = await world.tenant();
    });

    /** An API key of a new service account, and how to revoke it. */
    async function apiKey(): Promise<{ readonly token: string; revoke(): Promise<Answer> }> {
      const asked = { name: 'gateway', roles: ['operator'] };
      const account = await world.platform.post(`${other.at}/service-accounts`, asked);
      const keys = `${other.at}/service-accounts/${textOf(account, 'id')}/keys`;
      const key = await world.platform.post(keys, { name: 'lines' });
      const revoke = (): Promise<Answer> =>
        world.platform.ask('DELETE', `${keys}/${textOf(key, 'id')}`);
      return { token: textOf(key, 'key'), revoke };
    }

    it('with the API key that they were sent by, though nothing is said any more', async () => {
      const { token, revoke } = await apiKey();
      const lines = exchange({ ...other, token });
      await lines.ask(one('any'));

      expect((await revoke()).status).toBeLessThan(300);

      expect(await lines.rest()).toEqual([{ end: 'access.token_invalid' }]);
      // It is not left open for a sender that goes on all the same.
      await lines.closed();
    });

    /** Opens lines, ends the welcome, and hears what is said a second later. */
    async function afterwards(token: string, unwelcome: () => Promise<Answer>): Promise<unknown[]> {
      const lines = exchange({ ...other, token });
      expect(await lines.ask(one('any'))).toMatchObject({ allowed: true });
      world.clock.advanceMonotonic(READMITTED_EVERY_SECONDS);
      expect(await lines.ask(one('any'))).toMatchObject({ allowed: true });
      expect((await unwelcome()).status).toBeLessThan(300);
      world.clock.advanceMonotonic(READMITTED_EVERY_SECONDS);
      lines.say(one('any'));
      const rest = await lines.rest();
      lines.end();
      return rest;
    }

    it('with the API key that they were sent by', async () => {
      const { token, revoke } = await apiKey();

      expect(await afterwards(token, revoke)).toEqual([{ end: 'access.token_invalid' }]);
    });

    it('with the tenant that they are for', async () => {
      const suspend = (): Promise<Answer> =>
        world.platform.post(`${other.at}/suspend`, { reason: 'unpaid' });

      expect(await afterwards(other.token, suspend)).toEqual([{ end: 'tenants.suspended' }]);
    });

    it.each([
      ['nothing', ''],
      ['a line without end', 'x'.repeat(70_000)],
    ])('after half a minute of %s', async (_said, text) => {
      const lines = exchange();
      await lines.ask(one('any'));
      lines.begin(text);

      world.clock.advanceMonotonic(LASTS_SECONDS);

      expect(await lines.rest()).toEqual([{ end: 'quotas.stream_ended' }]);
      await lines.closed();
    });

    it('with the node that answers them, and do not keep it from stopping', async () => {
      const node = await world.node();
      const lines = exchange(tenant, node.api);
      await lines.ask(one('any'));

      await node.close();

      expect(await lines.rest()).toEqual([{ end: 'quotas.stream_ended' }]);
    });

    it('after half a minute', async () => {
      const lines = exchange();
      await lines.ask(one('any'));

      world.clock.advanceMonotonic(LASTS_SECONDS);
      lines.say(one('any'));

      expect(await lines.rest()).toEqual([{ end: 'quotas.stream_ended' }]);
      lines.end();
    });
  });
});
