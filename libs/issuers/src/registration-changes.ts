import { isDeepStrictEqual } from 'node:util';

import type { FieldChange } from '@tenantry/audit';
import type { KeySource, Registration } from './issuer.js';
import { thumbprintOf } from './keys/thumbprint.js';

type Changes = Record<string, FieldChange>;

/** The fields of a new registration, for the record. */
export function registeredFields(registration: Registration): Changes {
  return Object.fromEntries(
    Object.entries(recorded(registration)).map(([name, after]) => [name, { after }]),
  );
}

/** The fields in which two registrations differ, for the record; none: they are the same. */
export function changedFields(before: Registration, after: Registration): Changes {
  const old: Readonly<Record<string, unknown>> = recorded(before);
  const hasOtherKeys = !isSameKeySource(before, after);
  return Object.fromEntries(
    Object.entries(recorded(after))
      .filter(
        ([name, value]) =>
          JSON.stringify(value) !== JSON.stringify(old[name]) || (name === 'keys' && hasOtherKeys),
      )
      .map(([name, value]) => [name, { before: old[name], after: value }]),
  );
}

/** Read anew at each request, whoever has a session: these change what it is worth by themselves. */
const READ_ANEW: readonly string[] = [
  'admission',
  'roles',
  'roleMapping',
  'clockSkewSeconds',
  'maxTokenAgeSeconds',
  'notAfter',
];

/** Whether what was vouched for before might not be any more: a guest's is approved as it was. */
export function endsSessions(changes: Changes, { guest }: Pick<Registration, 'guest'>): boolean {
  return guest !== null || Object.keys(changes).some((name) => !READ_ANEW.includes(name));
}

/** More than the record tells: the same key under another `kid` or for another `alg` is a change too. */
export function isSameKeySource(one: Registration, other: Registration): boolean {
  return isDeepStrictEqual(one.keySource, other.keySource);
}

function recorded(registration: Registration): Record<string, unknown> {
  const { match, claims, guest } = registration;
  return {
    issuer: registration.issuer,
    issuerAliases: registration.issuerAliases,
    audiences: registration.audiences,
    keys: recordedSource(registration.keySource),
    algorithms: registration.algorithms,
    match: match && { claim: match.claim, value: match.value },
    claims: {
      subject: claims.subject,
      email: claims.email,
      name: claims.name,
      groups: claims.groups,
    },
    admission: registration.admission,
    roles: registration.roles,
    roleMapping: registration.roleMapping.map(({ group, role }) => ({ group, role })),
    condition: registration.condition,
    tenantClaim: registration.tenantClaim,
    clockSkewSeconds: registration.clockSkewSeconds,
    maxTokenAgeSeconds: registration.maxTokenAgeSeconds,
    notAfter: registration.notAfter,
    ...(guest
      ? { guest: { sponsor: guest.sponsor, resource: guest.resource, subject: guest.subject } }
      : {}),
  };
}

/** Keys by their thumbprints: enough to know them by, and short. */
function recordedSource(source: KeySource): unknown {
  if (source.kind === 'discovery') return 'discovery';
  return source.kind === 'jwksUri'
    ? { jwksUri: source.jwksUri }
    : {
        thumbprints: source.jwks.keys.map(thumbprintOf),
        kids: source.jwks.keys.map(({ kid }) => kid ?? null),
      };
}
