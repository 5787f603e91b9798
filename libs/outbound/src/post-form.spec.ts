import type { IncomingMessage, RequestListener } from 'node:http';

import { afterEach, describe, expect, it, jest } from '@jest/globals';

import { ForeignServer } from './fixtures/foreign-server.js';
import { SafeOutbound } from './safe-outbound.js';

const FORM = new URLSearchParams({ grant_type: 'authorization_code', code: 'a b&c' });
const LOOPBACK = { insecureOrigins: [], insecureLoopback: true, allowedOrigins: [] };

describe('SafeOutbound.postForm', () => {
  const servers: ForeignServer[] = [];
  const outbound = new SafeOutbound(LOOPBACK);

  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function serve(listener: RequestListener): Promise<string> {
    const server = await ForeignServer.start(listener);
    servers.push(server);
    return `http://127.0.0.1:${server.port}/token`;
  }

  it('posts the form and who sends it, and nothing more', async () => {
    const seen = jest.fn();
    const url = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        const { method, url: path, headers } = request;
        seen({ method, path, headers, body });
        response.end('{"id_token":"x"}');
      });
    });

    const answer = await outbound.postForm(url, { form: FORM, authorization: 'Basic YTpi' });

    expect(answer).toEqual({ status: 200, body: { id_token: 'x' } });
    expect(seen).toHaveBeenCalledWith({
      method: 'POST',
      path: '/token',
      headers: {
        host: new URL(url).host,
        connection: 'close',
        accept: 'application/json',
        'accept-encoding': 'identity',
        'user-agent': 'tenantry',
        'content-type': 'application/x-www-form-urlencoded',
        'content-length': '42',
        authorization: 'Basic YTpi',
      },
      body: 'grant_type=authorization_code&code=a+b%26c',
    });
  });

  it.each([400, 401])('takes a refusal of %i in JSON for an answer', async (status) => {
    const url = await serve((_, response) => {
      response.writeHead(status).end('{"error":"invalid_grant"}');
    });

    expect(await outbound.postForm(url, { form: FORM })).toEqual({
      status,
      body: { error: 'invalid_grant' },
    });
  });

  it.each([
    ['a redirect', 307, '{}', { reason: 'redirect', permanence: 'permanent' }],
    ['a failure', 500, '{}', { reason: 'status', permanence: 'transient' }],
    ['a refusal that is no JSON', 400, '<p>inner-secret</p>', { reason: 'not_json' }],
    ['a refusal without end', 400, `"${'a'.repeat(300_000)}"`, { reason: 'too_large' }],
  ])('takes %s for none', async (_, status, body, failure) => {
    const url = await serve((_request, response) => {
      response.writeHead(status, { location: '/elsewhere' }).end(body);
    });

    await expect(outbound.postForm(url, { form: FORM })).rejects.toMatchObject(failure);
  });

  it('posts to no address that may not be fetched from', async () => {
    const seen = jest.fn();
    const url = await serve(seen);
    const strict = new SafeOutbound({ ...LOOPBACK, insecureLoopback: false });
    const rebound = new SafeOutbound(
      { ...LOOPBACK, insecureLoopback: false },
      { resolve: () => Promise.resolve(['169.254.169.254']) },
    );

    await expect(strict.postForm(url, { form: FORM })).rejects.toMatchObject({
      reason: 'scheme_forbidden',
    });
    await expect(
      rebound.postForm('https://idp.example/token', { form: FORM }),
    ).rejects.toMatchObject({ reason: 'address_forbidden' });
    expect(seen).not.toHaveBeenCalled();
  });
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
