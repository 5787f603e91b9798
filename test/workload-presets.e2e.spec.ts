import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { newSigningKey } from '@tenantry/testing';
import { EmulatedProvider, withKeysOf } from './emulated-provider.js';
import { GITHUB, KUBERNETES, SPIFFE } from './provider-claims.js';
import { itemsOf, send } from './send.js';
import { refusalOf } from './trust-world.js';
import { World } from './world.js';

/** A token that the provider issues as well: what it is, and what it says otherwise. */
type Other = readonly [string, Readonly<Record<string, unknown>>];

const NOT_VALID = '401 access.token_invalid';

describe('a token of a workload, by the preset', () => {
  let world: World;

  beforeAll(async () => {
    world = await World.start();
  });
  afterAll(() => world.close());

  describe('for GitHub Actions', () => {
    const values = {
      owner: 'acme',
      ownerId: '583231',
      audience: GITHUB.aud,
      ref: 'refs/heads/main',
      role: 'operator',
    };
    const pullRequest = {
      sub: 'repo:acme/shop:pull_request',
      ref: 'refs/pull/7/merge',
      head_ref: 'patch-1',
      base_ref: 'main',
      event_name: 'pull_request',
    };
    let github: EmulatedProvider;

    beforeAll(async () => {
      github = await EmulatedProvider.start(world, {
        preset: 'github-actions',
        algorithm: 'RS256',
        claims: GITHUB,
        filling: (idp) => ({ values, given: withKeysOf(idp) }),
      });
    });

    it('comes in as its workflow', async () => {
      expect(await github.outcomeOf()).toEqual({
        tenant: github.tenantId,
        subject: GITHUB.sub,
        email: null,
        roles: ['operator'],
      });
    });

    it.each<Other>([
      ['of another owner', { repository_owner: 'globex', repository: 'globex/shop' }],
      [
        'of another owner, number and all',
        { repository_owner: 'globex', repository_owner_id: '1' },
      ],
      ['of whoever took over the name of the owner', { repository_owner_id: '99887766' }],
      ['of a number that is none of text', { repository_owner_id: 583_231 }],
      ['of the owner in another case', { repository_owner: 'Acme' }],
      ['without an owner', { repository_owner: undefined }],
      ['of another branch', { ref: 'refs/heads/feature', sub: 'repo:acme/shop:ref:…/feature' }],
      ['of a branch that begins like it', { ref: 'refs/heads/main-2' }],
      ['of a tag with the name of the branch', { ref: 'refs/tags/main', ref_type: 'tag' }],
      ['of a pull request', pullRequest],
      ['of a stranger’s pull request on the branch', { event_name: 'pull_request_target' }],
      ['for the audience that GitHub gives by itself', { aud: 'https://github.com/acme' }],
      ['for another cloud', { aud: 'sts.amazonaws.com' }],
      ['of GitHub Enterprise', { iss: 'https://github.acme.example/_services/token' }],
    ])('is refused: one %s', async (_, change) => {
      expect(await github.outcomeOf(change)).toBe(NOT_VALID);
    });
  });

  describe('for Kubernetes', () => {
    const IN_CLUSTER = 'https://kubernetes.default.svc.cluster.local';
    const { 'kubernetes.io': bound } = KUBERNETES;
    const values = {
      issuer: IN_CLUSTER,
      audience: 'https://tenantry.acme.example/prod-eu',
      namespace: 'prod',
      role: 'operator',
    };
    let kubernetes: EmulatedProvider;

    beforeAll(async () => {
      kubernetes = await EmulatedProvider.start(world, {
        preset: 'kubernetes',
        path: '/id/8F3D539D4633E53DE1B716D3041EEXAMPLE',
        claims: KUBERNETES,
        filling: ({ issuer }) => ({ values, given: { issuer } }),
      });
    });

    it('comes in as its service account, by a cluster with a public issuer', async () => {
      expect(await kubernetes.outcomeOf()).toEqual({
        tenant: kubernetes.tenantId,
        subject: KUBERNETES.sub,
        email: null,
        roles: ['operator'],
      });
    });

    it('comes in by keys that came along, and opens no other cluster of the same issuer', async () => {
      const jwksOf = (key: object): string => JSON.stringify({ keys: [key] });
      const [here, there] = ['https://here.example', 'https://there.example'];
      const elsewhere = await newSigningKey('ES256');
      const cluster = await kubernetes.alsoTrusted({
        values: { ...values, audience: here, jwks: jwksOf(kubernetes.idp.currentKey.publicJwk) },
      });
      await kubernetes.alsoTrusted({
        values: { ...values, audience: there, jwks: jwksOf(elsewhere.publicJwk) },
      });

      expect(await kubernetes.outcomeOf({ iss: IN_CLUSTER, aud: [here] })).toMatchObject({
        tenant: cluster.tenant.id,
        roles: ['operator'],
      });
      expect(await kubernetes.outcomeOf({ iss: IN_CLUSTER, aud: [there] })).toBe(NOT_VALID);
    });

    it.each<Other>([
      [
        'of another namespace',
        { 'kubernetes.io': { ...bound, namespace: 'staging' }, sub: 'system:…:staging:billing' },
      ],
      [
        'of a namespace that begins like it',
        { 'kubernetes.io': { ...bound, namespace: 'production' } },
      ],
      ['of a list of namespaces', { 'kubernetes.io': { ...bound, namespace: ['prod'] } }],
      ['that is bound to nothing', { 'kubernetes.io': undefined }],
      ['whose binding is text', { 'kubernetes.io': 'prod' }],
      [
        'from a Secret',
        {
          iss: 'kubernetes/serviceaccount',
          'kubernetes.io': undefined,
          'kubernetes.io/serviceaccount/namespace': 'prod',
        },
      ],
      ['bound to something without a namespace', { 'kubernetes.io': { serviceaccount: bound } }],
      ['for the API server', { aud: ['https://kubernetes.default.svc.cluster.local'] }],
    ])('is refused: one %s', async (_, change) => {
      expect(await kubernetes.outcomeOf(change)).toBe(NOT_VALID);
    });
  });

  describe('for SPIFFE', () => {
    let spire: EmulatedProvider;

    beforeAll(async () => {
      spire = await EmulatedProvider.start(world, {
        preset: 'spiffe',
        claims: SPIFFE,
        filling: ({ issuer }) => ({
          values: {
            issuer: 'https://oidc.spire.acme.example',
            trustDomain: 'acme.example',
            pathPrefix: 'ns/prod/',
            audience: 'https://tenantry.acme.example',
            role: 'operator',
          },
          given: { issuer },
        }),
      });
    });

    it('comes in by its SPIFFE ID', async () => {
      expect(await spire.outcomeOf()).toEqual({
        tenant: spire.tenantId,
        subject: SPIFFE.sub,
        email: null,
        roles: ['operator'],
      });
    });

    it.each<Other>([
      ['of another trust domain', { sub: 'spiffe://globex.example/ns/prod/sa/billing' }],
      ['of a trust domain below it', { sub: 'spiffe://x.acme.example/ns/prod/sa/billing' }],
      ['of a trust domain that begins like it', { sub: 'spiffe://acme.example.evil/ns/prod/sa/b' }],
      ['of another path', { sub: 'spiffe://acme.example/ns/production/sa/billing' }],
      ['of the path alone, in capitals', { sub: 'SPIFFE://ACME.EXAMPLE/ns/prod/sa/billing' }],
      ['that is no SPIFFE ID', { sub: 'acme.example/ns/prod/sa/billing' }],
      ['of a server without jwt_issuer', { iss: undefined }],
      ['for another workload', { aud: ['spiffe://acme.example/ns/prod/sa/ledger'] }],
    ])('is refused: one %s', async (_, change) => {
      expect(await spire.outcomeOf(change)).toBe(NOT_VALID);
    });
  });
});

describe('the presets over HTTP', () => {
  let world: World;
  let viewer: string;

  beforeAll(async () => {
    world = await World.start();
    const idp = await world.idp();
    await world.trusting(idp);
    viewer = await idp.token({ subject: 'ada' });
  });
  afterAll(() => world.close());

  it.each(['/v1/issuer-presets', '/v1/issuer-presets/keycloak', '/v1/issuer-presets/none'])(
    'are told to nobody without a token: %s',
    async (path) => {
      const answer = await send(world.api.url, { method: 'GET', path });

      expect(refusalOf(answer)).toBe('401 access.token_missing');
    },
  );

  it('are listed to a viewer of a tenant, on one page', async () => {
    const answer = await world.bearer(viewer).get('/v1/issuer-presets');

    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({ nextCursor: null });
    expect(itemsOf(answer).map(({ id }) => id)).toEqual([
      'keycloak',
      'google-workspace',
      'microsoft-entra',
      'okta',
      'auth0',
      'github-actions',
      'kubernetes',
      'spiffe',
    ]);
  });

  it('are shown to a viewer of a tenant one by one, as the list has them', async () => {
    const caller = world.bearer(viewer);
    const items = itemsOf(await caller.get('/v1/issuer-presets'));

    const answers = await Promise.all(
      items.map(({ id }) => caller.get(`/v1/issuer-presets/${String(id)}`)),
    );

    expect(answers.map(({ status }) => status)).toEqual(items.map(() => 200));
    expect(answers.map(({ json }) => json)).toEqual(items);
  });

  it.each(['none', 'Keycloak', 'constructor', '..%2fissuers'])(
    'are not found by another id: %s',
    async (id) => {
      const answer = await world.bearer(viewer).get(`/v1/issuer-presets/${id}`);

      expect(refusalOf(answer)).toBe('404 issuers.preset_not_found');
    },
  );
});
