import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { ForeignServer } from './fixtures/foreign-server.js';
import { SafeOutbound } from './safe-outbound.js';

const POST = { body: '{"a":"é"}', headers: { 'webhook-id': 'msg_1', 'user-agent': 'someone' } };
const LOOPBACK = { insecureOrigins: [], insecureLoopback: true, allowedOrigins: [] };
const TIMEOUT_MS = 150;

describe('SafeOutbound.postJson', () => {
  const servers: ForeignServer[] = [];
  const outbound = new SafeOutbound(LOOPBACK);

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = await ForeignServer.start(listener);
    servers.push(server);
    return `http://127.0.0.1:${server.port}/hook?a=b`;
  }

  const answer = (work: (response: ServerResponse) => unknown): Promise<string> =>
    serve((_, response) => {
      work(response);
    });

  it('posts the body as it is, with the headers that go with it, and nothing more', async () => {
    const seen = jest.fn();
    const url = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        const { method, url: path, headers } = request;
        seen({ method, path, headers, body });
        response.writeHead(202).end('<p>thanks</p>');
      });
    });

    expect(await outbound.postJson(url, POST)).toEqual({ status: 202, retryAfterSeconds: null });
    expect(seen).toHaveBeenCalledWith({
      method: 'POST',
      path: '/hook?a=b',
      headers: {
        host: new URL(url).host,
        connection: 'close',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'tenantry',
        'content-type': 'application/json',
        'content-length': '10',
        'webhook-id': 'msg_1',
      },
      body: '{"a":"é"}',
    });
  });

  it.each([204, 301, 307, 400, 410, 500])(
    'answers a %i as it is, and follows none',
    async (status) => {
      const seen = jest.fn();
      const url = await serve(({ url: path }, response) => {
        seen(path);
        response.writeHead(status, { location: '/elsewhere' }).end();
      });

      expect(await outbound.postJson(url, POST)).toEqual({ status, retryAfterSeconds: null });
      expect(seen).toHaveBeenCalledTimes(1);
    },
  );

  it.each([
    ['120', 120],
    ['0', 0],
    ['Sun, 22 Nov 2026 12:01:30 GMT', 90],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['soon', null],
    ['-5', null],
    ['9999999999', null],
  ])('reads the Retry-After %j as %j', async (text, retryAfterSeconds) => {
    const date = 'Sun, 22 Nov 2026 12:00:00 GMT';
    const url = await answer((response) =>
      response.writeHead(503, { date, 'retry-after': text }).end(),
    );

    expect(await outbound.postJson(url, POST)).toEqual({ status: 503, retryAfterSeconds });
  });

  it('reads no more of the answer than it may, and takes its status for the answer', async () => {
    const url = await answer((response) => response.end('a'.repeat(2_000_000)));

    expect(await outbound.postJson(url, POST, { maxBytes: 100 })).toMatchObject({ status: 200 });
  });

  it.each([
    ['before its headers', () => undefined],
    ['within its body', (response: ServerResponse) => response.writeHead(200).write('{')],
  ])('gives up a server that hangs %s', async (_, work) => {
    const url = await answer(work);

    await expect(outbound.postJson(url, POST, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      reason: 'timeout',
    });
  });

  it('gives up when it is told to, and begins nothing after that', async () => {
    const seen = jest.fn();
    const stopping = new AbortController();
    const url = await answer(() => {
      seen();
      stopping.abort();
    });

    const given = { signal: stopping.signal };
    await expect(outbound.postJson(url, POST, given)).rejects.toMatchObject({ reason: 'closed' });
    await expect(outbound.postJson(url, POST, given)).rejects.toMatchObject({ reason: 'closed' });
    expect(seen).toHaveBeenCalledTimes(1);
  });

  it('posts to no address that may not be fetched from', async () => {
    const seen = jest.fn();
    const url = await serve(seen);
    const closed = { ...LOOPBACK, insecureLoopback: false };
    const strict = new SafeOutbound(closed);
    const rebound = new SafeOutbound(closed, {
      resolve: () => Promise.resolve(['203.0.113.7', '169.254.169.254']),
    });

    await expect(strict.postJson(url, POST)).rejects.toMatchObject({ reason: 'scheme_forbidden' });
    await expect(rebound.postJson('https://siem.example/', POST)).rejects.toMatchObject({
      reason: 'address_forbidden',
    });
    expect(seen).not.toHaveBeenCalled();
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
