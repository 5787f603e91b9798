import type {
  Algorithm,
  DistrustedKey,
  Guest,
  Issuer,
  KeySource,
  OwnershipMethod,
  PublishedKeys,
  Registration,
} from './issuer.js';

/** An issuer as it lies in the database. */
export interface IssuerRow {
  readonly tenantId: string;
  readonly id: string;
  readonly issuer: string;
  readonly issuerAliases: string[];
  readonly audiences: string[];
  readonly keySource: unknown;
  readonly algorithms: string[];
  readonly matchClaim: string | null;
  readonly matchValue: string | null;
  readonly claims: unknown;
  readonly condition: string | null;
  readonly tenantClaim: string | null;
  readonly admission: string;
  readonly roles: string[];
  readonly roleMapping: unknown;
  readonly clockSkewSeconds: number;
  readonly maxTokenAgeSeconds: number | null;
  readonly notAfter: Date | null;
  readonly status: string;
  readonly healthState: string;
  readonly healthReason: string | null;
  readonly healthSince: Date;
  readonly lastCheckedAt: Date | null;
  readonly nextCheckAt: Date | null;
  readonly ownershipProvenAt: Date | null;
  readonly ownershipMethod: string | null;
  readonly ownershipChallenge: string;
  readonly epoch: number;
  readonly checkSettled: number;
  readonly checksFailed: number;
  readonly keySet: unknown;
  readonly keySetConfirmedAt: Date | null;
  readonly distrustedKeys: unknown;
  readonly guest: unknown;
  readonly registeredBy: string | null;
  readonly signInClientId: string | null;
  readonly signInClientSecret: Uint8Array | null;
  readonly revision: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** A row is what this lib wrote: its JSON columns have the types that they were written with. */
export function toIssuer(row: IssuerRow): Issuer {
  const { matchClaim, matchValue } = row;
  return {
    ...row,
    keySource: row.keySource as KeySource,
    algorithms: row.algorithms as Algorithm[],
    match:
      matchClaim === null || matchValue === null ? null : { claim: matchClaim, value: matchValue },
    claims: row.claims as Issuer['claims'],
    admission: row.admission as Issuer['admission'],
    roleMapping: row.roleMapping as Issuer['roleMapping'],
    status: row.status as Issuer['status'],
    healthState: row.healthState as Issuer['healthState'],
    ownershipMethod: row.ownershipMethod as OwnershipMethod | null,
    keySet: row.keySet as PublishedKeys | null,
    distrustedKeys: row.distrustedKeys as DistrustedKey[],
    guest: row.guest as Guest | null,
  };
}

/** The columns of a registration; what the database decides is not among them. */
export function rowOf(registration: Registration): {
  readonly issuer: string;
  readonly issuerAliases: string[];
  readonly audiences: string[];
  readonly keySource: object;
  readonly algorithms: string[];
  readonly matchClaim: string | null;
  readonly matchValue: string | null;
  readonly claims: object;
  readonly condition: string | null;
  readonly tenantClaim: string | null;
  readonly admission: string;
  readonly roles: string[];
  readonly roleMapping: object[];
  readonly clockSkewSeconds: number;
  readonly maxTokenAgeSeconds: number | null;
  readonly notAfter: Date | null;
  readonly guest?: object;
} {
  const { match, keySource, claims, guest } = registration;
  return {
    issuer: registration.issuer,
    issuerAliases: [...registration.issuerAliases],
    audiences: [...registration.audiences],
    keySource,
    algorithms: [...registration.algorithms],
    matchClaim: match?.claim ?? null,
    matchValue: match?.value ?? null,
    claims: { ...claims },
    condition: registration.condition,
    tenantClaim: registration.tenantClaim,
    admission: registration.admission,
    roles: [...registration.roles],
    roleMapping: registration.roleMapping.map((entry) => ({ ...entry })),
    clockSkewSeconds: registration.clockSkewSeconds,
    maxTokenAgeSeconds: registration.maxTokenAgeSeconds,
    notAfter: registration.notAfter,
    // An ordinary registration has none, and never gets one.
    ...(guest ? { guest: { ...guest } } : {}),
  };
}
