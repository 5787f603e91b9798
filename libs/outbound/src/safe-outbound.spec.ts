import type { RequestListener, ServerResponse } from 'node:http';
import { createServer, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { ForeignServer } from './fixtures/foreign-server.js';
import { SafeOutbound } from './safe-outbound.js';

const TIMEOUT_MS = 150;

describe('SafeOutbound', () => {
  const servers: ForeignServer[] = [];
  const outbound = new SafeOutbound({
    insecureOrigins: [],
    insecureLoopback: true,
    allowedOrigins: [],
  });

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = await ForeignServer.start(listener);
    servers.push(server);
    return `http://127.0.0.1:${server.port}/jwks?a=b#c`;
  }

  const answer = (work: (response: ServerResponse) => unknown): Promise<string> =>
    serve((_, response) => {
      work(response);
    });

  it('asks for plain JSON, by path and query, and keeps no connection', async () => {
    const seen = jest.fn();
    const url = await serve(({ method, url: path, headers }, response) => {
      seen({ method, path, headers });
      response.end('[{"kid":"1"}]');
    });

    await expect(outbound.getJson(url)).resolves.toEqual([{ kid: '1' }]);

    expect(seen).toHaveBeenCalledWith({
      method: 'GET',
      path: '/jwks?a=b',
      headers: {
        host: new URL(url).host,
        connection: 'close',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'tenantry',
      },
    });
  });

  it.each([301, 302, 303, 307, 308])('does not follow a %i', async (status) => {
    const seen = jest.fn();
    const url = await serve(({ url: path }, response) => {
      seen(path);
      response.writeHead(status, { location: '/elsewhere' }).end('{}');
    });

    await expect(outbound.getJson(url)).rejects.toMatchObject({
      reason: 'redirect',
      permanence: 'permanent',
      status,
    });
    expect(seen).toHaveBeenCalledTimes(1);
  });

  it.each([
    [500, 'transient'],
    [502, 'transient'],
    [503, 'transient'],
    [599, 'transient'],
    [429, 'transient'],
    [408, 'transient'],
    [425, 'transient'],
    [400, 'permanent'],
    [401, 'permanent'],
    [403, 'permanent'],
    [404, 'permanent'],
    [410, 'permanent'],
    [204, 'permanent'],
    [206, 'permanent'],
  ])('calls a %i %s', async (status, permanence) => {
    const url = await answer((response) => response.writeHead(status).end());

    await expect(outbound.getJson(url)).rejects.toMatchObject({
      reason: 'status',
      permanence,
      status,
    });
  });

  it('drops the endless body of an error without reading it', async () => {
    const url = await answer((response) => {
      pour(response.writeHead(500));
    });

    await expect(outbound.getJson(url)).rejects.toMatchObject({ reason: 'status' });
  });

  it.each([
    ['before its headers', () => undefined],
    [
      'after its headers',
      (response: ServerResponse) => {
        response.writeHead(200).flushHeaders();
      },
    ],
    ['within its body', (response: ServerResponse) => response.write('{')],
    ['in drips', drip],
  ])('gives up a server that hangs %s', async (_, work) => {
    const url = await answer(work);

    await expect(outbound.getJson(url, { timeoutMs: TIMEOUT_MS })).rejects.toMatchObject({
      reason: 'timeout',
      permanence: 'transient',
    });
  });

  it('closes its socket when it gives up, in the midst of a handshake too', async () => {
    const sockets: Promise<unknown>[] = [];
    const mute = createServer((socket) => sockets.push(closed(socket)));
    const port = await new Promise<number>((done) => {
      mute.listen(0, '127.0.0.1', () => {
        const address = mute.address();
        done(typeof address === 'object' && address ? address.port : 0);
      });
    });

    const fetching = outbound.getJson(`https://127.0.0.1:${port}/`, { timeoutMs: TIMEOUT_MS });

    await expect(fetching).rejects.toMatchObject({ reason: 'timeout' });
    expect(sockets).toHaveLength(1);
    await Promise.all(sockets);
    mute.close();
  });

  it('refuses a body by its announced length', async () => {
    const url = await answer((response) => {
      response.writeHead(200, { 'content-length': '101' }).flushHeaders();
    });

    await expect(outbound.getJson(url, { maxBytes: 100 })).rejects.toMatchObject({
      reason: 'too_large',
      permanence: 'permanent',
    });
  });

  it('refuses an endless body as soon as it is too large', async () => {
    const url = await answer(pour);

    await expect(outbound.getJson(url)).rejects.toMatchObject({ reason: 'too_large' });
  });

  it('reads a body that is exactly as large as it may be, and not a byte more', async () => {
    const url = await answer((response) => response.end(JSON.stringify('a'.repeat(98))));

    await expect(outbound.getJson(url, { maxBytes: 100 })).resolves.toHaveLength(98);
    await expect(outbound.getJson(url, { maxBytes: 99 })).rejects.toMatchObject({
      reason: 'too_large',
    });
  });

  it('refuses headers without end', async () => {
    const url = await answer((response) =>
      response.writeHead(200, { 'x-large': 'a'.repeat(20_000) }).end('{}'),
    );

    await expect(outbound.getJson(url)).rejects.toMatchObject({
      reason: 'too_large',
      permanence: 'permanent',
    });
  });

  it('unpacks nothing, and so no bomb', async () => {
    const bomb = gzipSync(Buffer.alloc(10_000_000, 0x20));
    const url = await answer((response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    );

    await expect(outbound.getJson(url)).rejects.toMatchObject({ reason: 'not_json' });
  });

  it.each([
    ['markup', '<html>inner-secret</html>'],
    ['half a document', '{"keys":['],
    ['nothing', ''],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['gzip that does not say so', gzipSync('{}')],
  ])('refuses %s as not JSON, and quotes none of it', async (_, body) => {
    const url = await answer((response) => response.end(body));

    const failure: unknown = await outbound.getJson(url).catch((error: unknown) => error);

    expect(failure).toMatchObject({ reason: 'not_json', permanence: 'permanent' });
    expect(failure).not.toHaveProperty('cause');
  });

  it('keeps what is no HTTP out of the failure', async () => {
    const url = await answer((response) => response.socket?.end('SSH-2.0-inner-secret\r\n\r\n'));

    const failure: unknown = await outbound.getJson(url).catch((error: unknown) => error);

    expect(failure).toMatchObject({ reason: 'connect_failed', permanence: 'transient' });
    expect(JSON.stringify(failure, withCause)).not.toContain('inner-secret');
  });

  it.each([
    ['breaks off at once', (response: ServerResponse) => response.socket?.destroy()],
    [
      'breaks off within the body',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '10' });
        response.write('{', () => response.socket?.destroy());
      },
    ],
  ])('calls it transient when the server %s', async (_, work) => {
    const url = await answer(work);

    await expect(outbound.getJson(url)).rejects.toMatchObject({
      reason: 'connect_failed',
      permanence: 'transient',
    });
  });

  it('calls it transient when nobody listens, and keeps the address to the cause', async () => {
    const url = await answer(() => undefined);
    await servers.pop()?.stop();

    await expect(outbound.getJson(url)).rejects.toMatchObject({
      reason: 'connect_failed',
      permanence: 'transient',
      message: expect.not.stringContaining('127.0.0.1'),
      cause: expect.objectContaining({ message: expect.stringContaining('ECONNREFUSED') }),
    });
  });

  it('refuses before it connects what explainUrl refuses', async () => {
    const seen = jest.fn();
    const url = await answer(seen);

    await expect(outbound.getJson(url.replace('http://', 'http://me:you@'))).rejects.toMatchObject({
      reason: 'credentials_forbidden',
    });
    expect(seen).not.toHaveBeenCalled();
  });

  it('gives up what is under way when it is closed, and fetches no more', async () => {
    const closing = new SafeOutbound({
      insecureOrigins: [],
      insecureLoopback: true,
      allowedOrigins: [],
    });
    const url = await answer(() => void closing.close());

    await expect(closing.getJson(url)).rejects.toMatchObject({ reason: 'closed' });
    await expect(closing.getJson(url)).rejects.toMatchObject({
      reason: 'closed',
      permanence: 'transient',
    });
  });
});

/** Writes for as long as somebody reads. */
function pour(response: ServerResponse): void {
  const chunk = 'a'.repeat(64 * 1_024);
  const more = (): void => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
}

/** Sends a byte every few milliseconds, so that no pause is ever long. */
function drip(response: ServerResponse): void {
  response.write('[');
  const dripping = setInterval(() => response.write(' '), 10);
  response.on('close', () => {
    clearInterval(dripping);
  });
}

function closed(socket: Socket): Promise<void> {
  socket.on('error', () => undefined);
  socket.resume();
  return new Promise((done) => socket.on('close', done));
}

function withCause(_: string, value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { message, stack, cause } = value;
  return { message, stack, cause, properties: Object.entries(value) };
}
