import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { type IdentityProvider } from '@tenantry/testing';
import { type TenantView, World } from './world.js';

const FORBIDDEN_ADDRESS = 'The host of the URL is at an address that is not fetched from.';
const ONLY_HTTPS = 'Only https URLs are fetched.';
const UNREACHABLE = 'The host cannot be reached from here.';

/** URLs of hosts that are ours, not the caller's, in every spelling that a URL parser knows. */
const INTERNAL: readonly string[] = [
  'https://127.0.0.1',
  'https://localhost',
  'https://idp.localhost',
  'https://2130706433',
  'https://0x7f.1',
  'https://0177.0.0.1',
  'https://10.0.0.1',
  'https://172.16.0.1',
  'https://192.168.1.1:8443/keys',
  'https://169.254.169.254',
  'https://100.64.0.1',
  'https://0.0.0.0',
  'https://224.0.0.1',
  'https://[::1]',
  'https://[fd00::1]',
  'https://[fe80::1]',
  'https://[::ffff:169.254.169.254]',
  'https://[64:ff9b::a9fe:a9fe]',
  'https://[2002:7f00:1::]',
];

describe('registering an issuer, to have us fetch from inside', () => {
  let world: World;
  let idp: IdentityProvider;
  let inside: IdentityProvider;
  let tenant: TenantView;

  beforeAll(async () => {
    world = await World.start({ settings: { ALLOW_INSECURE_ISSUERS: '' } });
    [idp, inside, tenant] = await Promise.all([world.idp(), world.idp(), world.createTenant()]);
  });
  afterAll(() => world.close());

  const saved = async (): Promise<unknown> =>
    (await world.admin.get(`/v1/tenants/${tenant.id}/issuers`)).json;

  it.each(INTERNAL)('is refused as an issuer, and nothing is saved: %s', async (issuer) => {
    const { status, json } = await world.register(tenant, issuer);

    expect(status).toBe(422);
    expect(json).toMatchObject({
      code: 'issuers.url_forbidden',
      errors: [{ pointer: '/issuer', message: FORBIDDEN_ADDRESS }],
    });
    expect(await saved()).toEqual({ items: [], nextCursor: null });
  });

  it.each(INTERNAL)('is refused as the place of the keys: %s', async (jwksUri) => {
    const { status, json } = await world.register(tenant, 'https://idp.example.com', {
      keys: { jwksUri },
    });

    expect(status).toBe(422);
    expect(json).toMatchObject({
      code: 'issuers.url_forbidden',
      errors: [{ pointer: '/keys/jwksUri', message: FORBIDDEN_ADDRESS }],
    });
    expect(await saved()).toEqual({ items: [], nextCursor: null });
  });

  it.each(['http://idp.example.com', 'file:///etc/passwd', 'ftp://idp.example.com/keys'])(
    'is refused over anything but https: %s',
    async (url) => {
      const asIssuer = await world.register(tenant, url);
      const asKeys = await world.register(tenant, 'https://idp.example.com', {
        keys: { jwksUri: url },
      });

      expect([asIssuer.status, asKeys.status]).toEqual([422, 422]);
      expect(asIssuer.json).toMatchObject({
        errors: [{ pointer: '/issuer', message: ONLY_HTTPS }],
      });
      expect(asKeys.json).toMatchObject({
        errors: [{ pointer: '/keys/jwksUri', message: ONLY_HTTPS }],
      });
    },
  );

  it('is refused for a provider at this very machine, and nobody asks it', async () => {
    const { status, json } = await world.register(tenant, idp.issuer);

    expect(status).toBe(422);
    expect(json).toMatchObject({ code: 'issuers.url_forbidden' });
    expect(idp.hits).toMatchObject({ discovery: 0, jwks: 0 });
  });

  describe('by a discovery document', () => {
    let trusting: World;
    let liar: IdentityProvider;

    beforeAll(async () => {
      liar = await world.idp();
      trusting = await World.start({ settings: { ALLOW_INSECURE_ISSUERS: liar.issuer } });
    });
    afterAll(() => trusting.close());

    it.each<[string, () => string, string]>([
      ['the metadata service', () => 'http://169.254.169.254/latest/meta-data/', ONLY_HTTPS],
      ['the same, over https', () => 'https://169.254.169.254/latest/meta-data/', UNREACHABLE],
      ['the same, in IPv6', () => 'https://[::ffff:a9fe:a9fe]/latest/meta-data/', UNREACHABLE],
      ['a private host', () => 'https://10.0.0.1/keys', UNREACHABLE],
      ['a number', () => 'https://2130706433/keys', UNREACHABLE],
      ['a file', () => 'file:///etc/passwd', ONLY_HTTPS],
      ['another port of this machine', () => inside.jwksUri, ONLY_HTTPS],
      ['the same, over https', () => inside.jwksUri.replace('http:', 'https:'), UNREACHABLE],
    ])('that points to %s gets disabled, and names no address', async (_, uriOf, reason) => {
      liar.lie({ kind: 'foreign-jwks-uri', at: 'discovery', jwksUri: uriOf() });

      const { issuer } = await trusting.trusting(liar, { audiences: [uriOf()] });

      expect(issuer.health).toMatchObject({ state: 'disabled', reason });
      expect(issuer.keyIds).toEqual([]);
      expect(inside.hits).toMatchObject({ discovery: 0, jwks: 0 });
    });

    it('that redirects is not followed, wherever it leads', async () => {
      liar.tellTheTruth();
      liar.lie({ kind: 'redirect', at: 'jwks' });

      const { issuer } = await trusting.trusting(liar, { audiences: ['redirected'] });

      expect(issuer.health.state).toBe('disabled');
      expect(liar.hits.redirected).toBe(0);
    });
  });
});
