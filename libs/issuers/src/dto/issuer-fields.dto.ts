import type { HealthState } from '../health.js';
import type { Algorithm, Issuer, KeySource, OwnershipMethod } from '../issuer.js';
import { namedKeys } from '../keys/thumbprint.js';
import { ownershipRecords } from '../ownership.js';
import { ClaimNamesDto, KeySourceDto, MatchDto, RoleMappingDto } from './register-issuer.dto.js';

/** What the last checks have found. */
export class IssuerHealthDto {
  /**
   * `pending`: not checked yet; `unverified`: unreachable, its last good keys serve; `disabled`: its tokens are refused.
   * @example healthy
   */
  readonly state!: HealthState;

  /**
   * Why it is not healthy; `approval_pending`: a guest's waits for a second person.
   * @example null
   */
  readonly reason!: string | null;

  /**
   * Since when it is in this state.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly since!: Date;

  /**
   * When it was looked at last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly lastCheckedAt!: Date | null;

  /**
   * When it is looked at next; null where there is nothing to fetch, or nobody is to look.
   * @example 2026-11-21T12:10:00.000Z
   */
  readonly nextCheckAt!: Date | null;
}

/** A key that the issuer publishes, or that is refused whatever it publishes. */
export class IssuerKeyDto {
  /**
   * Its id in the set of the issuer.
   * @example 2026-11-a
   */
  readonly kid!: string | null;

  /**
   * The SHA-256 thumbprint of the key itself (RFC 7638).
   * @example NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs
   */
  readonly thumbprint!: string;

  /**
   * Whether the issuer publishes it at present.
   * @example true
   */
  readonly published!: boolean;

  /**
   * Whether what it signed is refused.
   * @example false
   */
  readonly distrusted!: boolean;

  /**
   * Why.
   * @example null
   */
  readonly reason!: string | null;
}

/** Whether the tenant is known to own the issuer, and how it can be shown; of a guest's, whether it was approved. */
export class OwnershipDto {
  /**
   * Until then, its tokens open nothing.
   * @example true
   */
  readonly proven!: boolean;

  /**
   * Since when.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly provenAt!: Date | null;

  /**
   * `platform`: a platform admin registered it; `dns`: by the record; `approval`: a platform admin approved it, or, of a guest's, a second person.
   * @example dns
   */
  readonly method!: OwnershipMethod | null;

  /**
   * Name of the DNS TXT record that shows it; null where none can, and a platform admin has to approve.
   * @example _tenantry.login.acme.example
   */
  readonly name!: string | null;

  /**
   * Names of all records that are needed: one for each host, where aliases have others.
   * @example ["_tenantry.login.acme.example"]
   */
  readonly names!: string[];

  /**
   * What each record holds.
   * @example tenantry-issuer=7d3f0c1e4b5a4c6d8e9f0a1b2c3d4e5f
   */
  readonly value!: string;
}

/** What is known of every token issuer. */
export class IssuerFieldsDto {
  /**
   * Its id, a UUIDv7.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * The exact `iss` of its tokens.
   * @example https://login.acme.example
   */
  readonly issuer: string;

  /**
   * Other exact `iss` of the same provider.
   * @example []
   */
  readonly issuerAliases: string[];

  /**
   * The audiences of which a token must carry one.
   * @example ["https://api.example.com"]
   */
  readonly audiences: string[];

  /** Where its keys come from. */
  readonly keys: KeySourceDto;

  /**
   * The signature algorithms that are believed.
   * @example ["RS256", "ES256"]
   */
  readonly algorithms: Algorithm[];

  /** Only tokens with this claim belong to this registration. */
  readonly match: MatchDto | null;

  /** Which claims say who the subject is. */
  readonly claims: ClaimNamesDto;

  /**
   * Who gets in.
   * @example members
   */
  readonly admission: 'members' | 'anyone';

  /**
   * Roles of those who are admitted without being members.
   * @example ["viewer"]
   */
  readonly roles: string[];

  /** Roles by group. */
  readonly roleMapping: RoleMappingDto[];

  /**
   * The condition on the claims, in CEL; null: none.
   * @example null
   */
  readonly condition: string | null;

  /**
   * How far its clock may be off, in seconds.
   * @example 30
   */
  readonly clockSkewSeconds: number;

  /**
   * How old a token may be, in seconds; null: as old as it likes.
   * @example null
   */
  readonly maxTokenAgeSeconds: number | null;

  /**
   * When the trust ends by itself; null: never.
   * @example null
   */
  readonly notAfter: Date | null;

  /**
   * Whether the tenant wants it to be trusted.
   * @example enabled
   */
  readonly status: 'enabled' | 'disabled';

  /** What the last checks have found. */
  readonly health: IssuerHealthDto;

  /** Whether the tenant is known to own it. */
  readonly ownership: OwnershipDto;

  /**
   * Ids of the keys that its tokens may be signed with at present.
   * @example ["2026-11-a"]
   */
  readonly keyIds: string[];

  /** Every key that it publishes, and every key that is refused. */
  readonly publicKeys: IssuerKeyDto[];

  /**
   * Grows with each change; the ETag of the resource.
   * @example 7
   */
  readonly revision: number;

  /**
   * When it was registered.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly createdAt: Date;

  /**
   * When it was changed last.
   * @example 2026-11-21T12:00:00.000Z
   */
  readonly updatedAt: Date;

  // Field by field, so that a new column never reaches a caller by accident.
  constructor(issuer: Issuer) {
    this.id = issuer.id;
    this.issuer = issuer.issuer;
    this.issuerAliases = [...issuer.issuerAliases];
    this.audiences = [...issuer.audiences];
    this.keys = keysOf(issuer.keySource);
    this.algorithms = [...issuer.algorithms];
    this.match = issuer.match && instanceOf(MatchDto, issuer.match);
    this.claims = instanceOf(ClaimNamesDto, issuer.claims);
    this.admission = issuer.admission;
    this.roles = [...issuer.roles];
    this.roleMapping = issuer.roleMapping.map((entry) => instanceOf(RoleMappingDto, entry));
    this.condition = issuer.condition;
    this.clockSkewSeconds = issuer.clockSkewSeconds;
    this.maxTokenAgeSeconds = issuer.maxTokenAgeSeconds;
    this.notAfter = issuer.notAfter;
    this.status = issuer.status;
    this.health = healthOf(issuer);
    this.ownership = ownershipOf(issuer);
    this.publicKeys = publicKeysOf(issuer);
    this.keyIds = this.publicKeys.flatMap(({ kid, published, distrusted }) =>
      kid !== null && published && !distrusted ? [kid] : [],
    );
    this.revision = issuer.revision;
    this.createdAt = issuer.createdAt;
    this.updatedAt = issuer.updatedAt;
  }
}

function keysOf(source: KeySource): KeySourceDto {
  if (source.kind === 'inline') return instanceOf(KeySourceDto, { jwks: { ...source.jwks } });
  return source.kind === 'jwksUri'
    ? instanceOf(KeySourceDto, { jwksUri: source.jwksUri })
    : instanceOf(KeySourceDto, { discovery: true });
}

function healthOf(issuer: Issuer): IssuerHealthDto {
  return instanceOf(IssuerHealthDto, {
    state: issuer.healthState,
    reason: issuer.healthReason,
    since: issuer.healthSince,
    lastCheckedAt: issuer.lastCheckedAt,
    nextCheckAt: issuer.nextCheckAt,
  });
}

function ownershipOf(issuer: Issuer): OwnershipDto {
  const { names, value } = ownershipRecords(issuer);
  return instanceOf(OwnershipDto, {
    proven: issuer.ownershipProvenAt !== null,
    provenAt: issuer.ownershipProvenAt,
    method: issuer.ownershipMethod,
    name: names[0] ?? null,
    names: [...names],
    value,
  });
}

function publicKeysOf({ keySet, distrustedKeys }: Issuer): IssuerKeyDto[] {
  const published = namedKeys(keySet).map(({ kid, thumbprint }) => {
    const distrusted = distrustedKeys.find((entry) => entry.thumbprint === thumbprint);
    return instanceOf(IssuerKeyDto, {
      kid,
      thumbprint,
      published: true,
      distrusted: distrusted !== undefined,
      reason: distrusted?.reason ?? null,
    });
  });
  const gone = distrustedKeys
    .filter(({ thumbprint }) => !published.some((key) => key.thumbprint === thumbprint))
    .map(({ kid, thumbprint, reason }) =>
      instanceOf(IssuerKeyDto, { kid, thumbprint, published: false, distrusted: true, reason }),
    );
  return [...published, ...gone];
}

/** A real instance of a class that requests share, and that therefore has no constructor of its own. */
export function instanceOf<Dto extends object>(dto: new () => Dto, values: Partial<Dto>): Dto {
  return Object.assign(new dto(), values);
}
