import { createHash } from 'node:crypto';
import type { Server, Socket } from 'node:net';

import { Body, Controller, Get, Header, HttpCode, Module, Post, Res } from '@nestjs/common';
import { APP_INTERCEPTOR, NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyReply, FastifyRequest } from 'fastify';
import request, { type Response } from 'supertest';

import { DomainError, newId } from '@tenantry/kernel';
import { EtagInterceptor } from '../concurrency/etag.interceptor.js';
import { ProblemFilter } from '../problem/problem.filter.js';
import { addRequestHooks, FASTIFY_OPTIONS } from '../server.js';
import { AnswerBook } from './answer-book.js';
import { IdempotencyInterceptor } from './idempotency.interceptor.js';
import { type Begun, IdempotencyStore } from './idempotency-store.js';
import { NotIdempotent } from './not-idempotent.decorator.js';
import { RequestFingerprint } from './request-fingerprint.js';
import { RequestIdentity } from './request-identity.js';
import { Sealer } from './sealer.js';

class TooBusy extends DomainError {
  readonly code = 'tests.too_busy';
  readonly kind = 'exhausted';

  constructor() {
    super('Too busy.');
  }
}

interface Row {
  readonly bodyDigest: Buffer;
  fence: string;
  answer: Buffer | null;
}

class StoreInMemory extends IdempotencyStore {
  readonly rows = new Map<string, Row>();
  isDown = false;

  async begin(key: Buffer, bodyDigest: Buffer): Promise<Begun> {
    const row = this.rows.get(key.toString('hex'));
    if (!row) {
      const fence = newId();
      this.rows.set(key.toString('hex'), { bodyDigest, fence, answer: null });
      return Promise.resolve({ state: 'started', fence });
    }
    if (!row.bodyDigest.equals(bodyDigest)) return Promise.resolve({ state: 'mismatch' });
    return Promise.resolve(
      row.answer ? { state: 'done', answer: row.answer } : { state: 'running' },
    );
  }

  async complete(key: Buffer, fence: string, answer: Buffer): Promise<void> {
    if (this.isDown) throw new Error('the store is down');
    const row = this.rows.get(key.toString('hex'));
    if (row?.fence === fence) row.answer = answer;
    return Promise.resolve();
  }

  async abandon(key: Buffer, fence: string): Promise<void> {
    if (this.isDown) throw new Error('the store is down');
    if (this.rows.get(key.toString('hex'))?.fence === fence) this.rows.delete(key.toString('hex'));
    return Promise.resolve();
  }

  /** As if a minute had passed, and somebody else had taken the key. */
  takeOver(): void {
    for (const row of this.rows.values()) row.fence = newId();
  }
}

class CallerInHeader extends RequestIdentity {
  of({ headers }: FastifyRequest): string | null {
    return typeof headers['x-caller'] === 'string' ? headers['x-caller'] : null;
  }
}

/** Flips every bit, and ties the bytes to their context. */
class FlippingSealer extends Sealer {
  seal(plaintext: Buffer, context: string): Buffer {
    return Buffer.concat([tagOf(context), plaintext.map((byte) => byte ^ 255)]);
  }

  open(sealed: Buffer, context: string): Buffer {
    if (!sealed.subarray(0, 32).equals(tagOf(context))) throw new Error('sealed elsewhere');
    return Buffer.from(sealed.subarray(32).map((byte) => byte ^ 255));
  }
}

const tagOf = (context: string) => createHash('sha256').update(context).digest();

let runs = 0;
let next: (() => Promise<unknown>) | null = null;

@Controller()
class KeysController {
  @Post('keys')
  async make(
    @Body() body: unknown,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<object> {
    runs += 1;
    const run = runs;
    await next?.();
    void reply.header('location', `/keys/${run}`).header('x-other', 'not kept');
    return { id: run, key: 'tnt_once', revision: 3, body };
  }

  @Post('silent')
  @HttpCode(204)
  silent(): void {
    runs += 1;
  }

  @Post('accepted')
  @HttpCode(202)
  @Header('Cache-Control', 'no-store')
  accepted(): object {
    runs += 1;
    return { runs };
  }

  @Post('huge')
  huge(): object {
    runs += 1;
    return { huge: 'x'.repeat(1_048_577) };
  }

  @Post('login')
  @NotIdempotent()
  login(): object {
    runs += 1;
    return { runs };
  }

  @Post('oauth/token')
  token(): object {
    runs += 1;
    return { runs };
  }

  @Get('keys')
  list(): object {
    runs += 1;
    return { runs };
  }
}

const store = new StoreInMemory();

@Module({
  controllers: [KeysController],
  providers: [
    AnswerBook,
    { provide: IdempotencyStore, useValue: store },
    { provide: RequestIdentity, useClass: CallerInHeader },
    { provide: Sealer, useClass: FlippingSealer },
    { provide: RequestFingerprint, useValue: new RequestFingerprint(Buffer.alloc(32, 7)) },
    { provide: APP_INTERCEPTOR, useClass: IdempotencyInterceptor },
    { provide: APP_INTERCEPTOR, useClass: EtagInterceptor },
  ],
})
class KeysModule {}

interface Asked {
  readonly path?: string;
  readonly key?: string;
  readonly caller?: string | null;
  readonly body?: object;
}

describe('IdempotencyInterceptor', () => {
  let app: NestFastifyApplication;

  beforeAll(async () => {
    const adapter = new FastifyAdapter({ ...FASTIFY_OPTIONS, logger: false });
    app = await NestFactory.create<NestFastifyApplication>(KeysModule, adapter, { logger: false });
    app.useGlobalFilters(new ProblemFilter());
    addRequestHooks(app.getHttpAdapter().getInstance());
    await app.listen(0, '127.0.0.1');
  });
  beforeEach(() => {
    store.rows.clear();
    store.isDown = false;
    runs = 0;
    next = null;
  });
  afterAll(() => app.close());

  const post = ({
    path = '/keys',
    key = 'key-1',
    caller = 'ann',
    body = { a: 1 },
  }: Asked = {}): Promise<Response> =>
    request(app.getHttpServer())
      .post(path)
      .set({ 'Idempotency-Key': key, ...(caller !== null && { 'X-Caller': caller }) })
      .type(path.startsWith('/oauth/') ? 'form' : 'json')
      .send(body);

  it('gives the first answer again, and runs nothing', async () => {
    const first = await post();
    const second = await post();

    expect(runs).toBe(1);
    expect(first.headers['idempotency-replayed']).toBeUndefined();
    expect(second.status).toBe(201);
    expect(second.text).toBe(first.text);
    expect(second.headers).toMatchObject({
      'idempotency-replayed': 'true',
      location: '/keys/1',
      etag: '"3"',
      'content-type': first.headers['content-type'],
    });
    expect(second.headers['x-other']).toBeUndefined();
    expect(second.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
  });

  it('gives an answer without a body again', async () => {
    await post({ path: '/silent' });

    const second = await post({ path: '/silent' });

    expect({ status: second.status, text: second.text, runs }).toEqual({
      status: 204,
      text: '',
      runs: 1,
    });
  });

  it('keeps the status and what caches must know', async () => {
    await post({ path: '/accepted' });

    const second = await post({ path: '/accepted' });

    expect(second.status).toBe(202);
    expect(second.headers['cache-control']).toBe('no-store');
  });

  it.each<[string, Asked]>([
    ['another caller', { caller: 'bob' }],
    ['another key', { key: 'key-2' }],
    ['another path', { path: '/accepted' }],
  ])('runs the request of %s', async (_, asked) => {
    await post();

    const reply = await post(asked);

    expect(runs).toBe(2);
    expect(reply.headers['idempotency-replayed']).toBeUndefined();
  });

  it.each<[string, Asked]>([
    ['body', { body: { a: 2 } }],
    ['query', { path: '/keys?wait=1' }],
  ])('refuses the same key with another %s', async (_, asked) => {
    await post();

    const reply = await post(asked);

    expect(reply.status).toBe(422);
    expect(reply.body).toMatchObject({ code: 'request.idempotency_mismatch' });
    expect(runs).toBe(1);
  });

  it('tells a repetition that the first request is still running', async () => {
    let finish = (): void => undefined;
    const reached = new Promise<void>((resolve) => {
      next = () => {
        resolve();
        return new Promise<void>((done) => (finish = done));
      };
    });
    const first = post().then((reply) => reply);
    await reached;

    const second = await post();
    finish();

    expect(second.status).toBe(409);
    expect(second.headers['retry-after']).toBe('1');
    expect(second.body).toMatchObject({ code: 'request.idempotency_running' });
    expect((await first).status).toBe(201);
  });

  it.each([
    ['a refusal', new TooBusy(), 429],
    ['a failure', new Error('a bug'), 500],
  ])('frees the key after %s', async (_, error, status) => {
    next = () => Promise.reject(error);
    const first = await post();
    next = null;

    const second = await post({ body: { corrected: true } });

    expect(first.status).toBe(status);
    expect(second.status).toBe(201);
    expect(runs).toBe(2);
  });

  it('does not let a late request write over the one that took its key', async () => {
    next = () => {
      store.takeOver();
      return Promise.resolve();
    };

    const late = await post();

    expect(late.status).toBe(201);
    expect([...store.rows.values()]).toMatchObject([{ answer: null }]);
  });

  it('answers all the same when the answer cannot be kept', async () => {
    store.isDown = true;

    expect((await post()).status).toBe(201);
  });

  it('tells a refusal all the same when the key cannot be freed', async () => {
    store.isDown = true;
    next = () => Promise.reject(new TooBusy());

    expect((await post()).status).toBe(429);
  });

  it('keeps every answer sealed, and tied to its key', async () => {
    await post();
    await post({ key: 'key-2' });

    const [one, two] = [...store.rows.values()];
    expect(one?.answer?.includes('tnt_once')).toBe(false);
    if (two) two.answer = one?.answer ?? null;
    expect((await post({ key: 'key-2' })).status).toBe(500);
  });

  it('does not keep an answer of more than 1 MiB', async () => {
    await post({ path: '/huge' });

    expect(store.rows.size).toBe(0);
  });

  it('keeps the answer to a caller who hung up', async () => {
    const hangUp = new AbortController();
    const hungUp = new Promise<void>((resolve) => {
      (app.getHttpServer() as Server).once('connection', (socket: Socket) =>
        socket.once('close', resolve),
      );
    });
    next = () => {
      hangUp.abort();
      return hungUp;
    };
    await fetch(`${await app.getUrl()}/keys`, {
      method: 'POST',
      headers: {
        'idempotency-key': 'key-1',
        'x-caller': 'ann',
        'content-type': 'application/json',
      },
      body: '{"a":1}',
      signal: hangUp.signal,
    }).catch(() => null);
    await hungUp;

    const second = await post();

    expect(second.headers['idempotency-replayed']).toBe('true');
    expect(runs).toBe(1);
  });

  it.each(['with blank', 'ümlaut', 'x'.repeat(256), ''])('refuses %j as a key', async (key) => {
    const reply = await post({ key: Buffer.from(key).toString('latin1') });

    expect(reply.status).toBe(400);
    expect(reply.body).toMatchObject({ code: 'request.idempotency_key_invalid' });
    expect(runs).toBe(0);
  });

  it.each<[string, Asked]>([
    ['a route that takes no part', { path: '/login' }],
    ['/oauth', { path: '/oauth/token' }],
    ['a caller who is not known', { caller: null }],
  ])('heeds no key of %s', async (_, asked) => {
    await post(asked);
    await post(asked);

    expect(runs).toBe(2);
    expect(store.rows.size).toBe(0);
  });

  it('heeds no key of a GET', async () => {
    const get = (): Promise<Response> =>
      request(app.getHttpServer()).get('/keys').set({ 'Idempotency-Key': 'k', 'X-Caller': 'ann' });
    await get();
    await get();

    expect(runs).toBe(2);
  });

  it('runs a request without a key', async () => {
    const reply = await request(app.getHttpServer()).post('/keys').set('X-Caller', 'ann').send({});

    expect(reply.status).toBe(201);
    expect(store.rows.size).toBe(0);
  });
});
