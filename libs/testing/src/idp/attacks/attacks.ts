import { type Attack, type AttackWorld, forge, type Members } from './attack-world.js';
import { ATTACKS_ON_ALGORITHMS } from './on-algorithms.js';
import { ATTACKS_ON_CLAIMS } from './on-claims.js';
import { ATTACKS_ON_HEADERS } from './on-headers.js';
import { ATTACKS_ON_KEYS } from './on-keys.js';
import { ATTACKS_ON_SHAPE } from './on-shape.js';
import { ATTACKS_ON_SIGNATURES } from './on-signatures.js';

/** Tokens that nobody may take for valid, whatever the tenant. */
export const ATTACKS: readonly Attack[] = [
  ...ATTACKS_ON_ALGORITHMS,
  ...ATTACKS_ON_SIGNATURES,
  ...ATTACKS_ON_KEYS,
  ...ATTACKS_ON_HEADERS,
  ...ATTACKS_ON_CLAIMS,
  ...ATTACKS_ON_SHAPE,
];

const PRETENCES: Readonly<Record<string, (world: AttackWorld) => Members>> = {
  nothing: () => ({}),
  "the victim's tenant id": ({ victim }) => {
    const id = victim?.tenantId;
    return { tid: id, tenant: id, tenant_id: id, tenantId: id, org_id: id };
  },
  "the victim's slug": ({ victim }) => {
    const slug = victim?.slug;
    return { tslug: slug, tenant: slug, organization: slug, hd: slug, tid: slug };
  },
  'to be tenant admin and platform admin': () => ({
    roles: ['tenant-admin', 'platform-admin'],
    groups: ['admins', 'tenant-admin'],
    scope: 'platform-admin',
    permissions: ['issuers:write', 'secrets:reveal'],
  }),
  "to come by the victim's issuer as well": ({ idp }) => ({
    issuer: idp.issuer,
    azp: idp.issuer,
    act: { iss: idp.issuer, sub: 'alice' },
    sub_id: { format: 'iss_sub', iss: idp.issuer, sub: 'alice' },
  }),
  "the victim's issuer as a further audience": ({ audience, idp, victim }) => ({
    aud: [audience, idp.issuer, victim?.tenantId ?? 'victim', victim?.slug ?? 'victim'],
  }),
  'a subject that spells both issuer and subject': ({ idp }) => ({ sub: `${idp.issuer}|alice` }),
  'a platform token of the built-in issuer': ({ builtInIssuer }) => ({
    client_id: builtInIssuer,
    roles: ['platform-admin'],
    sid: 'session',
  }),
};

/**
 * Valid tokens of another tenant's issuer, for the victim's subject and e-mail.
 *
 * Each is good for its own tenant, and must open nothing of the victim.
 */
export const CROSS_TENANT: readonly Attack[] = Object.entries(PRETENCES).map(
  ([name, claimsOf]) => ({
    name: `token of another tenant that claims ${name}`,
    craft: (world) =>
      forge(world, {
        key: world.otherIdp.currentKey,
        claims: { iss: world.otherIdp.issuer, ...claimsOf(world) },
      }),
  }),
);
