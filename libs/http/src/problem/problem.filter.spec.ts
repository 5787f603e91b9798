import { connect } from 'node:net';
import { Writable } from 'node:stream';

import { Body, Controller, ForbiddenException, Get, Module, Post } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { FastifyReply } from 'fastify';
import request, { type Response } from 'supertest';

import { DomainError, type ErrorKind } from '@tenantry/kernel';
import { addRequestHooks, FASTIFY_OPTIONS } from '../server.js';
import { OAuthRefusal } from './oauth-refusal.js';
import { ProblemFilter } from './problem.filter.js';

class Refused extends DomainError {
  constructor(
    readonly kind: ErrorKind,
    readonly code: `${string}.${string}` = 'tests.refused',
  ) {
    super('Refused in a test.', { cause: new Error('the reason for the log') });
  }
}

class RefusedFor extends Refused {
  constructor(
    kind: ErrorKind,
    override readonly retryAfterSeconds: number,
  ) {
    super(kind);
  }
}

let thrown: unknown;

@Controller()
class FailingController {
  @Get('fail')
  fail(): void {
    throw thrown;
  }

  @Get('items/:id')
  item(): string {
    return 'an item';
  }

  @Post('body')
  body(@Body() body: unknown): unknown {
    return body;
  }

  @Post('oauth/token')
  token(): void {
    throw thrown;
  }
}

@Module({ controllers: [FailingController] })
class FailingModule {}

describe('ProblemFilter', () => {
  let app: NestFastifyApplication;
  const log: string[] = [];

  beforeAll(async () => {
    const stream = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        log.push(chunk.toString());
        done();
      },
    });
    const adapter = new FastifyAdapter({ ...FASTIFY_OPTIONS, logger: { level: 'info', stream } });
    app = await NestFactory.create<NestFastifyApplication>(FailingModule, adapter, {
      logger: false,
      abortOnError: false,
    });
    app.useGlobalFilters(new ProblemFilter());
    const fastify = app.getHttpAdapter().getInstance();
    addRequestHooks(fastify);
    fastify.addHook('onRequest', (request, _reply, done) => {
      done(request.url.endsWith('?in=hook') ? new Refused('forbidden') : undefined);
    });
    fastify.get('/half', (_request, reply: FastifyReply) => {
      reply.raw.writeHead(200);
      reply.raw.write('half an ans');
      throw new Error('the other half is lost');
    });
    await app.listen(0, '127.0.0.1');
  });
  beforeEach(() => {
    log.length = 0;
  });
  afterAll(() => app.close());

  const failWith = (error: unknown): Promise<Response> => {
    thrown = error;
    return request(app.getHttpServer()).get('/fail').set('X-Request-Id', 'request-0001');
  };

  it.each<[ErrorKind, number, string]>([
    ['malformed', 400, 'Bad Request'],
    ['unauthenticated', 401, 'Unauthorized'],
    ['forbidden', 403, 'Forbidden'],
    ['not_found', 404, 'Not Found'],
    ['conflict', 409, 'Conflict'],
    ['stale', 412, 'Precondition Failed'],
    ['too_large', 413, 'Content Too Large'],
    ['invalid', 422, 'Unprocessable Content'],
    ['precondition_missing', 428, 'Precondition Required'],
    ['exhausted', 429, 'Too Many Requests'],
    ['unavailable', 503, 'Service Unavailable'],
  ])('tells what is %s as %i', async (kind, status, title) => {
    const reply = await failWith(new Refused(kind));

    expect(reply.status).toBe(status);
    expect(reply.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(reply.headers['x-request-id']).toBe('request-0001');
    expect(reply.body).toEqual({
      type: 'urn:tenantry:problem:tests.refused',
      title,
      status,
      code: 'tests.refused',
      detail: 'Refused in a test.',
      requestId: 'request-0001',
    });
  });

  it.each([
    ['access.token_missing', 'Bearer realm="tenantry"'],
    ['access.token_invalid', 'Bearer realm="tenantry", error="invalid_token"'],
  ] as const)('challenges after %s', async (code, challenge) => {
    const reply = await failWith(new Refused('unauthenticated', code));

    expect(reply.headers['www-authenticate']).toBe(challenge);
  });

  it.each<[Refused, string | undefined]>([
    [new Refused('exhausted'), '1'],
    [new RefusedFor('exhausted', 2.1), '3'],
    [new RefusedFor('unavailable', 0), '1'],
    [new RefusedFor('conflict', 1), '1'],
    [new Refused('conflict'), undefined],
  ])('tells a caller when to retry, in case %#', async (error, header) => {
    const reply = await failWith(error);

    expect(reply.headers['retry-after']).toBe(header);
  });

  it('lets nothing internal out, and logs it', async () => {
    const cause = Object.assign(new Error('the cause'), { parameters: ['hunter2'] });
    const reply = await failWith(new Error('relation "tenants" does not exist', { cause }));

    expect(reply.status).toBe(500);
    expect(reply.body).toMatchObject({
      code: 'internal.unexpected',
      detail: 'Something went wrong on our side.',
    });
    expect(reply.text).not.toMatch(/relation|cause|stack/);
    expect(log.join('')).toContain('relation \\"tenants\\" does not exist');
    expect(log.join('')).toContain('"requestId":"request-0001"');
    expect(log.join('')).toContain('the cause');
    expect(log.join('')).not.toContain('hunter2');
  });

  it.each([['a string'], [undefined], [null], [{ statusCode: 404 }]])(
    'answers 500 when %j is thrown',
    async (error) => {
      expect((await failWith(error)).body).toMatchObject({ code: 'internal.unexpected' });
    },
  );

  it('does not pass on the status that another server answered', async () => {
    const error = Object.assign(new Error('upstream'), { statusCode: 404 });

    expect((await failWith(error)).status).toBe(500);
  });

  it('takes a JSON text that we could not read for our failure', async () => {
    expect((await failWith(new SyntaxError('Unexpected token'))).status).toBe(500);
  });

  it('logs the reason of a refusal, and no stack', async () => {
    await failWith(new Refused('forbidden'));

    expect(log.join('')).toContain('"reason":"the reason for the log"');
    expect(log.join('')).not.toContain('at FailingController');
  });

  it('tells the refusals of Nest in its own words', async () => {
    const reply = await failWith(new ForbiddenException('nobody may read this'));

    expect(reply.body).toMatchObject({ status: 403, code: 'request.rejected' });
    expect(reply.text).not.toContain('nobody may read this');
  });

  it.each([
    ['an unknown route', 'get', '/nowhere?secret=1', 404, 'request.route_not_found'],
    ['another method', 'delete', '/fail', 404, 'request.route_not_found'],
    ['a malformed URL', 'get', '/items/%zz', 400, 'request.malformed'],
    ['an overlong parameter', 'get', `/items/${'x'.repeat(101)}`, 414, 'request.path_too_long'],
    ['a hook that refuses', 'get', '/fail?in=hook', 403, 'tests.refused'],
    ['NUL in a path', 'get', '/items/a%00', 422, 'request.invalid'],
  ] as const)('answers %s as a problem', async (_, method, url, ...[status, code]) => {
    const reply = await request(app.getHttpServer())[method](url);

    expect(reply.status).toBe(status);
    expect(reply.type).toBe('application/problem+json');
    expect(reply.body).toMatchObject({ status, code, requestId: reply.headers['x-request-id'] });
    expect(reply.text).not.toMatch(/secret|FST_/);
  });

  it.each([
    ['no JSON', 'application/json', '{"a":', 400, 'request.malformed'],
    ['an empty JSON body', 'application/json', '', 400, 'request.malformed'],
    ['a polluted prototype', 'application/json', '{"__proto__":{"a":1}}', 400, 'request.malformed'],
    [
      'a polluted constructor',
      'application/json',
      '{"constructor":{"prototype":{"a":1}}}',
      400,
      'request.malformed',
    ],
    ['an unknown media type', 'application/xml', '<a/>', 415, 'request.media_type_unsupported'],
    ['plain text', 'text/plain', '{}', 415, 'request.media_type_unsupported'],
    ['a form', 'application/x-www-form-urlencoded', 'a=b', 415, 'request.media_type_unsupported'],
    [
      'more than 1 MiB',
      'application/json',
      JSON.stringify('x'.repeat(1_048_576)),
      413,
      'request.body_too_large',
    ],
  ])('answers a body of %s as a problem', async (_, type, payload, ...[status, code]) => {
    const reply = await request(app.getHttpServer()).post('/body').type(type).send(payload);

    expect(reply.status).toBe(status);
    expect(reply.body).toMatchObject({ status, code });
  });

  it('cuts the connection when half an answer is on its way', async () => {
    await expect(
      fetch(`${await app.getUrl()}/half`).then((response) => response.text()),
    ).rejects.toThrow();
  });

  it.each([
    ['bytes that are not HTTP', 'nonsense\r\n\r\n', '400 Bad Request', 'request.malformed'],
    [
      'headers that are too large',
      `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
      '431 Request Header Fields Too Large',
      'request.headers_too_large',
    ],
  ])('answers %s as a problem', async (_, bytes, status, code) => {
    const answer = await exchange(Number(new URL(await app.getUrl()).port), bytes);

    expect(answer).toContain(`HTTP/1.1 ${status}\r\n`);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain(`"code":"${code}"`);
  });

  describe('under /oauth', () => {
    const askToken = (error: unknown, type = 'form', payload = 'a=b'): Promise<Response> => {
      thrown = error;
      return request(app.getHttpServer()).post('/oauth/token').type(type).send(payload);
    };

    it('speaks RFC 6749', async () => {
      const reply = await askToken(new OAuthRefusal('invalid_grant', 'The "grant" has ended.'));

      expect(reply.status).toBe(400);
      expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', pragma: 'no-cache' });
      expect(reply.headers['content-type']).toMatch(/^application\/json/);
      expect(reply.body).toEqual({
        error: 'invalid_grant',
        error_description: "The 'grant' has ended.",
      });
    });

    it('challenges a client that failed to authenticate', async () => {
      const reply = await askToken(new OAuthRefusal('invalid_client', 'Unknown client.'));

      expect(reply.status).toBe(401);
      expect(reply.headers['www-authenticate']).toBe('Basic realm="tenantry"');
    });

    it.each([
      [new Refused('invalid'), 400, 'invalid_request'],
      [new Refused('unauthenticated', 'access.token_invalid'), 401, 'invalid_token'],
      [new Refused('forbidden'), 403, 'access_denied'],
      [new Refused('exhausted'), 429, 'temporarily_unavailable'],
      [new Refused('unavailable'), 503, 'temporarily_unavailable'],
      [new Error('a bug'), 500, 'server_error'],
    ])('puts %s into its words', async (error, status, word) => {
      const reply = await askToken(error);

      expect(reply.status).toBe(status);
      expect(reply.body).toMatchObject({ error: word });
      expect(reply.headers['retry-after']).toBe(status === 429 || status === 503 ? '1' : undefined);
    });

    it('does so for what is refused before the route is reached', async () => {
      const reply = await askToken(null, 'json', '{}');

      expect(reply.status).toBe(415);
      expect(reply.body).toMatchObject({ error: 'invalid_request' });
    });
  });
});

function exchange(port: number, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      resolve(answer);
    });
  });
}
