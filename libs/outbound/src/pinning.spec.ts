import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';

import type { OutboundConfig } from '@tenantry/config';
import { certificate, ForeignServer } from './fixtures/foreign-server.js';
import type { Resolve } from './resolve.js';
import { SafeOutbound } from './safe-outbound.js';

const STRICT: OutboundConfig = { insecureOrigins: [], insecureLoopback: false, allowedOrigins: [] };
const LOOPBACK: OutboundConfig = { ...STRICT, insecureLoopback: true };

const always = (...addresses: string[]): Resolve => jest.fn(() => Promise.resolve(addresses));

describe('SafeOutbound and the resolver', () => {
  const answered = jest.fn<(host: string | undefined) => void>();
  let server: ForeignServer;
  let url: string;

  beforeAll(async () => {
    server = await ForeignServer.start(({ headers }, response) => {
      answered(headers.host);
      response.end('{"is":"here"}');
    });
    url = `http://idp.example:${server.port}/`;
  });
  afterAll(() => server.stop());

  it('connects to the address it checked, under the name it was given', async () => {
    const resolve = always('127.0.0.1');
    const outbound = new SafeOutbound(LOOPBACK, { resolve });

    await expect(outbound.getJson(url)).resolves.toEqual({ is: 'here' });

    expect(resolve).toHaveBeenCalledTimes(1);
    expect(resolve).toHaveBeenCalledWith('idp.example');
    expect(answered).toHaveBeenLastCalledWith(`idp.example:${server.port}`);
  });

  it('gains a rebinding resolver nothing: the first answer stays', async () => {
    // The other way round, so that the pin is seen to lead to a server that is there.
    const resolve = jest
      .fn<Resolve>()
      .mockResolvedValueOnce(['127.0.0.1'])
      .mockResolvedValue(['127.0.0.2']);
    const outbound = new SafeOutbound(LOOPBACK, { resolve });

    await expect(outbound.getJson(url)).resolves.toEqual({ is: 'here' });
    expect(resolve).toHaveBeenCalledTimes(1);
  });

  it('never reaches loopback by an answer that turns after the check', async () => {
    answered.mockClear();
    const resolve = jest
      .fn<Resolve>()
      .mockResolvedValueOnce(['::1'])
      .mockResolvedValue(['127.0.0.1']);
    const outbound = new SafeOutbound(LOOPBACK, { resolve });

    // Nothing listens at the checked address, and a fetch that asked again would find the server.
    await expect(outbound.getJson(url)).rejects.toMatchObject({ reason: 'connect_failed' });

    expect(resolve).toHaveBeenCalledTimes(1);
    expect(answered).not.toHaveBeenCalled();
  });

  it('tries the next checked address where the first does not answer', async () => {
    const outbound = new SafeOutbound(LOOPBACK, { resolve: always('::1', '127.0.0.1') });

    await expect(outbound.getJson(url)).resolves.toEqual({ is: 'here' });
  });

  it.each([
    ['loopback', ['127.0.0.1']],
    ['private', ['10.0.0.1']],
    ['metadata', ['169.254.169.254']],
    ['mapped', ['::ffff:127.0.0.1']],
    ['a public address before a forbidden one', ['8.8.8.8', '127.0.0.1']],
    ['a forbidden address before a public one', ['::1', '2606:4700::1111']],
    ['what is no address', ['8.8.8.8', 'idp.example']],
  ])('refuses a host that resolves to %s', async (_, addresses) => {
    answered.mockClear();
    const outbound = new SafeOutbound(STRICT, { resolve: always(...addresses) });
    const https = `https://idp.example:${server.port}/`;

    await expect(outbound.getJson(https)).rejects.toMatchObject({
      reason: 'address_forbidden',
      permanence: 'permanent',
    });
    expect(answered).not.toHaveBeenCalled();
  });

  it('keeps the address to the cause of a refusal', async () => {
    const outbound = new SafeOutbound(STRICT, { resolve: always('10.20.30.40') });

    await expect(outbound.getJson('https://idp.example/')).rejects.toMatchObject({
      message: expect.not.stringContaining('10.20.30.40'),
      cause: expect.objectContaining({ message: 'idp.example is at 10.20.30.40' }),
    });
  });

  it('refuses http to a host that is public after all', async () => {
    const outbound = new SafeOutbound(LOOPBACK, { resolve: always('127.0.0.1', '8.8.8.8') });

    await expect(outbound.getJson(url)).rejects.toMatchObject({ reason: 'scheme_forbidden' });
  });

  it('asks nobody about an address that stands in the URL', async () => {
    const resolve = always('8.8.8.8');
    const outbound = new SafeOutbound(LOOPBACK, { resolve });

    await expect(outbound.getJson(`http://2130706433:${server.port}/`)).resolves.toBeDefined();
    expect(resolve).not.toHaveBeenCalled();
  });

  it.each([
    ['an error', () => Promise.reject(new Error('queryA ENOTFOUND'))],
    ['no address', () => Promise.resolve([])],
  ])('calls it transient when the resolver answers with %s', async (_, resolve: Resolve) => {
    const outbound = new SafeOutbound(STRICT, { resolve });

    await expect(outbound.getJson('https://idp.example/')).rejects.toMatchObject({
      reason: 'dns_failed',
      permanence: 'transient',
    });
  });

  it('does not wait for a resolver longer than for the rest', async () => {
    const outbound = new SafeOutbound(STRICT, { resolve: () => new Promise(() => undefined) });

    await expect(outbound.getJson('https://idp.example/', { timeoutMs: 50 })).rejects.toMatchObject(
      { reason: 'timeout', permanence: 'transient' },
    );
  });

  it('resolves by the system where nothing else is given', async () => {
    const outbound = new SafeOutbound(LOOPBACK);

    await expect(outbound.getJson(`http://localhost:${server.port}/`)).resolves.toBeDefined();
  });
});

describe('SafeOutbound over TLS', () => {
  let server: ForeignServer;
  let config: OutboundConfig;
  const resolve = always('127.0.0.1');

  beforeAll(async () => {
    server = await ForeignServer.startTls((_, response) => response.end('{"is":"sealed"}'));
    const allowedOrigins = [`https://idp.example:${server.port}`, `https://other:${server.port}`];
    config = { ...STRICT, allowedOrigins };
  });
  afterAll(() => server.stop());

  it('fetches from an allowed origin at a private address, checking its name', async () => {
    const outbound = new SafeOutbound(config, { resolve, trustedCertificates: certificate });

    await expect(outbound.getJson(`https://idp.example:${server.port}/`)).resolves.toEqual({
      is: 'sealed',
    });
  });

  it('refuses that address to an origin that is not allowed', async () => {
    const outbound = new SafeOutbound(STRICT, { resolve, trustedCertificates: certificate });

    await expect(outbound.getJson(`https://idp.example:${server.port}/`)).rejects.toMatchObject({
      reason: 'address_forbidden',
    });
  });

  it('refuses a certificate of another name', async () => {
    const outbound = new SafeOutbound(config, { resolve, trustedCertificates: certificate });

    await expect(outbound.getJson(`https://other:${server.port}/`)).rejects.toMatchObject({
      reason: 'tls_failed',
      permanence: 'transient',
    });
  });

  it('refuses a certificate signed by itself', async () => {
    const outbound = new SafeOutbound(config, { resolve });

    await expect(outbound.getJson(`https://idp.example:${server.port}/`)).rejects.toMatchObject({
      reason: 'tls_failed',
      permanence: 'transient',
    });
  });

  it('calls a server that speaks no TLS one', async () => {
    const plain = await ForeignServer.start((_, response) => response.end('{}'));
    const outbound = new SafeOutbound({ ...STRICT, insecureLoopback: true });

    const fetching = outbound.getJson(`https://127.0.0.1:${plain.port}/`);

    await expect(fetching).rejects.toMatchObject({ reason: 'tls_failed' });
    await plain.stop();
  });
});
