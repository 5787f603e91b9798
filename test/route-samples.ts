import type { AppRoute } from './route-table.js';

/** The id that each parameter of a path stands for, in one tenant. */
export type Ids = Readonly<Record<string, string>>;

export interface Sample {
  /** A body that the route accepts; `mark` makes it one of a kind, `ids` are those that it names. */
  readonly body?: (ids: Ids, mark: string) => object;
  /** Routes to call first, so that this one has something to do. */
  readonly after?: readonly string[];
}

/** Two public keys that nobody signs with: an issuer of these is never fetched from. */
const SOME_KEYS = {
  jwks: {
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        kid: 'unused',
        alg: 'EdDSA',
        x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo',
      },
    ],
  },
};

/**
 * How each route that changes something is called with success. Every POST, PUT, PATCH and DELETE
 * of the application needs an entry here; the suites fail, and say so, where one is missing.
 */
const SAMPLES: Readonly<Record<string, Sample>> = {
  'POST /v1/tenants': { body: (_, mark) => ({ slug: `new-${mark}`, displayName: mark }) },
  'PATCH /v1/tenants/:tenant': { body: (_, mark) => ({ displayName: `Renamed ${mark}` }) },
  'DELETE /v1/tenants/:tenant': {},
  'POST /v1/tenants/:tenant/suspend': { body: () => ({ reason: 'The matrix says so.' }) },
  'POST /v1/tenants/:tenant/resume': { after: ['POST /v1/tenants/:tenant/suspend'] },
  'POST /v1/tenants/:tenant/issuers': {
    body: (_, mark) => ({
      issuer: `https://new.${mark}.example`,
      audiences: ['tenantry'],
      keys: SOME_KEYS,
    }),
  },
  'PATCH /v1/tenants/:tenant/issuers/:issuer': { body: () => ({ clockSkewSeconds: 7 }) },
  'POST /v1/tenants/:tenant/issuers/diagnose': { body: () => ({ token: 'no-token-at-all' }) },
  'DELETE /v1/tenants/:tenant/issuers/:issuer': {},
  'POST /v1/tenants/:tenant/issuers/:issuer/recheck': {},
  'POST /v1/tenants/:tenant/issuers/:issuer/disable': {},
  'POST /v1/tenants/:tenant/issuers/:issuer/enable': {
    after: ['POST /v1/tenants/:tenant/issuers/:issuer/disable'],
  },
  'POST /v1/tenants/:tenant/issuers/:issuer/approve': {},
  'POST /v1/tenants/:tenant/issuers/:issuer/prove': {},
  'POST /v1/tenants/:tenant/issuers/:issuer/keys/:kid/distrust': {
    after: ['POST /v1/tenants/:tenant/issuers/:issuer/approve'],
    body: () => ({ reason: 'Leaked.' }),
  },
  'POST /v1/tenants/:tenant/issuers/:issuer/keys/:kid/trust': {
    after: [
      'POST /v1/tenants/:tenant/issuers/:issuer/approve',
      'POST /v1/tenants/:tenant/issuers/:issuer/keys/:kid/distrust',
    ],
  },
  'POST /v1/platform/issuers': {
    body: (_, mark) => ({
      issuer: `https://realm.${mark}.example`,
      audiences: ['tenantry'],
      keys: SOME_KEYS,
      tenantClaim: 'organization',
    }),
  },
  'POST /v1/platform/issuers/diagnose': { body: () => ({ token: 'no-token-at-all' }) },
  'PATCH /v1/platform/issuers/:platformIssuer': { body: () => ({ clockSkewSeconds: 7 }) },
  'DELETE /v1/platform/issuers/:platformIssuer': {},
  'POST /v1/platform/issuers/:platformIssuer/recheck': {},
  'POST /v1/platform/issuers/:platformIssuer/disable': {},
  'POST /v1/platform/issuers/:platformIssuer/enable': {
    after: ['POST /v1/platform/issuers/:platformIssuer/disable'],
  },
  'POST /v1/platform/issuers/:platformIssuer/keys/:kid/distrust': {
    body: () => ({ reason: 'Leaked.' }),
  },
  'POST /v1/platform/issuers/:platformIssuer/keys/:kid/trust': {
    after: ['POST /v1/platform/issuers/:platformIssuer/keys/:kid/distrust'],
  },
  'POST /v1/tenants/:tenant/members': {
    body: ({ issuer }, mark) => ({
      email: `${mark}@new.example`,
      roles: ['viewer'],
      issuerId: issuer,
      subject: mark,
    }),
  },
  'PATCH /v1/tenants/:tenant/members/:member': {
    body: (_, mark) => ({ displayName: `Renamed ${mark}` }),
  },
  'DELETE /v1/tenants/:tenant/members/:member': {},
  'POST /v1/tenants/:tenant/members/:member/suspend': {},
  'POST /v1/tenants/:tenant/members/:member/reactivate': {
    after: ['POST /v1/tenants/:tenant/members/:member/suspend'],
  },
};

/** How to call the route; throws where nobody has said so yet. */
export function sampleOf({ key, method }: Pick<AppRoute, 'key' | 'method'>): Sample {
  const sample = SAMPLES[key];
  if (sample) return sample;
  if (method === 'GET') return {};
  throw new Error(
    `The suites cannot exercise ${key}. Add it to SAMPLES in test/route-samples.ts, with a body that it accepts.`,
  );
}

/** Entries that speak of no route any more. */
export function staleSamples(routes: readonly AppRoute[]): string[] {
  const keys = new Set(routes.map(({ key }) => key));
  return Object.keys(SAMPLES).filter((key) => !keys.has(key));
}

/** The path with its parameters filled; throws where the tenant has nothing for one of them. */
export function pathOf({ path, key }: Pick<AppRoute, 'path' | 'key'>, ids: Ids): string {
  return path.replaceAll(/:(\w+)/g, (_, parameter: string) => {
    const id = ids[parameter];
    if (id !== undefined) return encodeURIComponent(id);
    throw new Error(
      `The suites cannot fill :${parameter} of ${key}. Make one in fillTenant() of test/matrix-world.ts, and add its id to the ids.`,
    );
  });
}
