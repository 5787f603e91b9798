import type { AppRoute } from './route-table.js';

/** The id that each parameter of a path stands for, in one tenant. */
export type Ids = Readonly<Record<string, string>>;

export interface Sample {
  /** A body that the route accepts; `mark` makes it one of a kind, `ids` are those that it names. */
  readonly body?: (ids: Ids, mark: string) => object;
  /** Routes to call first, so that this one has something to do. */
  readonly after?: readonly string[];
  /**
   * The spec that calls it with success, where that takes what only the moment knows: the code of a
   * second factor, a provider that is up. Strangers are turned away here as everywhere.
   */
  readonly succeedsIn?: string;
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

/** One moment for all: of two requests that are to differ in nothing else. */
const NOW = new Date().toISOString();

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
  'PUT /v1/tenants/:tenant/issuers/:issuer/sign-in': {
    body: () => ({ clientId: 'tenantry' }),
    succeedsIn: 'test/guests.e2e.spec.ts',
  },
  'DELETE /v1/tenants/:tenant/issuers/:issuer/sign-in': {
    succeedsIn: 'test/guests.e2e.spec.ts',
  },
  'POST /v1/tenants/:tenant/roles': {
    body: (_, mark) => ({ name: `role-${mark}`, permissions: ['audit:read'] }),
  },
  'PATCH /v1/tenants/:tenant/roles/:role': { body: (_, mark) => ({ description: mark }) },
  'DELETE /v1/tenants/:tenant/roles/:role': {},
  'PUT /v1/platform/permissions': {
    body: () => ({ permissions: [{ name: 'sandbox:exec', description: 'Run code.' }] }),
  },
  'POST /v1/tenants/:tenant/break-glass': {
    body: () => ({ reason: 'The matrix wants to see a window.', minutes: 1 }),
  },
  'POST /v1/tenants/:tenant/break-glass/:breakGlass/close': {},
  'POST /v1/tenants/:tenant/invitations': {
    body: (_, mark) => ({ email: `${mark}@invited.example`, roles: ['viewer'] }),
  },
  'POST /v1/tenants/:tenant/invitations/:invitation/resend': {},
  'DELETE /v1/tenants/:tenant/invitations/:invitation': {},
  'POST /v1/tenants/:tenant/service-accounts': {
    body: (_, mark) => ({ name: `Robot ${mark}`, roles: ['viewer'] }),
  },
  'PATCH /v1/tenants/:tenant/service-accounts/:account': {
    body: (_, mark) => ({ name: `Robot ${mark}` }),
  },
  'DELETE /v1/tenants/:tenant/service-accounts/:account': {},
  'POST /v1/tenants/:tenant/service-accounts/:account/rotate': {},
  'POST /v1/tenants/:tenant/service-accounts/:account/suspend': {},
  'POST /v1/tenants/:tenant/service-accounts/:account/reactivate': {
    after: ['POST /v1/tenants/:tenant/service-accounts/:account/suspend'],
  },
  'POST /v1/tenants/:tenant/service-accounts/:account/keys': {
    body: (_, mark) => ({ name: `Key ${mark}` }),
  },
  'DELETE /v1/tenants/:tenant/service-accounts/:account/keys/:apiKey': {},
  'PUT /v1/tenants/:tenant/secrets/:secret': { body: (_, mark) => ({ value: `value-${mark}` }) },
  'PATCH /v1/tenants/:tenant/secrets/:secret': { body: (_, mark) => ({ labels: { mark } }) },
  'DELETE /v1/tenants/:tenant/secrets/:secret': {},
  'POST /v1/tenants/:tenant/secrets/:secret/versions/:version/destroy': {},
  'POST /v1/tenants/:tenant/secrets/:secret/rollback': { body: () => ({ version: 2 }) },
  'POST /v1/tenants/:tenant/secrets/reveal': {
    body: ({ secret }) => ({ names: [secret] }),
  },
  'GET /v1/tenants/:tenant/secrets/:secret/value': { succeedsIn: 'test/secrets.e2e.spec.ts' },
  'PUT /v1/tenants/:tenant/secrets/consents': {
    body: ({ engine }, mark) => [{ serviceAccount: engine, namePrefix: mark }],
  },
  'POST /v1/tenants/:tenant/secrets/rewrap': {},
  'POST /v1/tenants/:tenant/secrets/seal': { body: () => ({ reason: 'The matrix says so.' }) },
  'POST /v1/tenants/:tenant/secrets/unseal': {
    after: ['POST /v1/tenants/:tenant/secrets/seal'],
  },
  'POST /v1/tenants/:tenant/vault/shred': {
    after: ['PUT /v1/tenants/:tenant/secrets/:secret'],
    body: ({ slug }) => ({ confirm: slug, reason: 'The matrix says so.' }),
  },
  'POST /v1/tenants/:tenant/audit/checkpoints': {},
  'PUT /v1/tenants/:tenant/audit/retention': { body: () => ({ days: 400 }) },
  'POST /v1/tenants/:tenant/audit/erasures': { body: ({ member = '' }) => ({ person: member }) },
  'POST /v1/tenants/:tenant/audit/sinks': {
    body: (_, mark) => ({ name: mark, url: 'http://127.0.0.1:9/' }),
  },
  'PATCH /v1/tenants/:tenant/audit/sinks/:sink': { body: (_, mark) => ({ name: mark }) },
  'DELETE /v1/tenants/:tenant/audit/sinks/:sink': {},
  'POST /v1/tenants/:tenant/audit/sinks/:sink/rotate': {},
  'POST /v1/tenants/:tenant/audit/sinks/:sink/test': {},
  'POST /v1/tenants/:tenant/audit/sinks/:sink/dead-letters/:letter/redeliver': {
    succeedsIn: 'test/audit-sinks.e2e.spec.ts',
  },
  // Reading so much is a deed.
  'GET /v1/tenants/:tenant/audit/export': { succeedsIn: 'test/audit-streams.e2e.spec.ts' },
  'GET /v1/tenants/:tenant/audit/tail': { succeedsIn: 'test/audit-streams.e2e.spec.ts' },
  'GET /v1/platform/audit/tail': { succeedsIn: 'test/audit-streams.e2e.spec.ts' },
  'POST /v1/platform/audit/checkpoints': {},
  'PUT /v1/platform/audit/retention': { body: () => ({ days: 400 }) },
  'POST /v1/platform/audit/erasures': { body: () => ({ person: 'tenantry' }) },
  'PUT /v1/tenants/:tenant/quotas/:kind': {
    body: () => ({ windows: [{ period: 'day', limit: 1_000 }] }),
  },
  'DELETE /v1/tenants/:tenant/quotas/:kind': {},
  'POST /v1/tenants/:tenant/quotas/consume': {
    body: () => ({ demands: [{ kind: 'builds', amount: 1 }] }),
  },
  'POST /v1/tenants/:tenant/quotas/refund': {
    body: () => ({ demands: [{ kind: 'builds', amount: 1 }] }),
  },
  'POST /v1/tenants/:tenant/quotas/leases': {
    body: () => ({ kind: 'sandboxes', ttlSeconds: 3_600 }),
  },
  'PUT /v1/tenants/:tenant/quotas/leases/:lease': { body: () => ({ ttlSeconds: 3_600 }) },
  'DELETE /v1/tenants/:tenant/quotas/leases/:lease': {},
  'POST /v1/plans': {
    body: (_, mark) => ({ slug: `plan-${mark}`, displayName: mark, limits: [] }),
  },
  'PUT /v1/plans/:plan': { body: (_, mark) => ({ displayName: mark, limits: [] }) },
  'DELETE /v1/plans/:plan': {},
  'POST /v1/tenants/:tenant/usage/events': {
    body: (_, mark) => ({ events: [{ id: mark, meter: 'sessions', value: 1, at: NOW }] }),
  },
  'POST /v1/platform/vault/rotate': {},
  'POST /v1/platform/admins': {
    body: (_, mark) => ({ name: `Engine ${mark}`, roles: ['engine'] }),
  },
  'PATCH /v1/platform/admins/:admin': { body: (_, mark) => ({ name: `Engine ${mark}` }) },
  'POST /v1/platform/admins/:admin/suspend': {},
  'POST /v1/platform/admins/:admin/reactivate': {
    after: ['POST /v1/platform/admins/:admin/suspend'],
  },
  'POST /v1/platform/admins/:admin/rotate': {},
  'POST /v1/platform/admins/:admin/resend': { succeedsIn: 'test/journey.e2e.spec.ts' },
  'DELETE /v1/platform/admins/:admin': {},
  'POST /v1/logout': {},
  'POST /v1/password/change': {
    body: () => ({
      currentPassword: 'seven quiet otters at dawn',
      newPassword: 'eight noisy otters at dusk',
    }),
  },
  'DELETE /v1/account/sessions/:session': {},
  'POST /v1/account/second-factor': { body: () => ({ password: 'seven quiet otters at dawn' }) },
  'POST /v1/account/second-factor/confirm': {
    body: () => ({ code: '000000' }),
    succeedsIn: 'test/login.e2e.spec.ts',
  },
  'POST /v1/account/second-factor/remove': {
    body: () => ({ password: 'seven quiet otters at dawn', code: '000000' }),
    succeedsIn: 'test/login.e2e.spec.ts',
  },
  'POST /v1/account/second-factor/recovery-codes': {
    body: () => ({ password: 'seven quiet otters at dawn', code: '000000' }),
    succeedsIn: 'test/login.e2e.spec.ts',
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
