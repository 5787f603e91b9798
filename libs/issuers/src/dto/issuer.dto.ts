import { PageDtoOf } from '@tenantry/http';
import type { HealthState } from '../health.js';
import type { Algorithm, Issuer, KeySource } from '../issuer.js';
import { ClaimNamesDto, KeySourceDto, MatchDto, RoleMappingDto } from './register-issuer.dto.js';

/** What the last checks have found. */
export class IssuerHealthDto {
  /**
   * `pending`: not checked yet; `unverified`: unreachable, its last good keys serve; `disabled`: its tokens are refused.
   * @example healthy
   */
  readonly state!: HealthState;

  /**
   * Why it is not healthy.
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
   * When its keys count as old: whoever uses them from then on has them looked up again.
   * @example 2026-11-21T12:10:00.000Z
   */
  readonly nextCheckAt!: Date | null;
}

/** Whether the tenant is known to own the issuer. */
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
}

/** A token issuer that the tenant trusts. */
export class IssuerDto {
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
    this.audiences = [...issuer.audiences];
    this.keys = keysOf(issuer.keySource);
    this.algorithms = [...issuer.algorithms];
    this.match = issuer.match && instanceOf(MatchDto, issuer.match);
    this.claims = instanceOf(ClaimNamesDto, issuer.claims);
    this.admission = issuer.admission;
    this.roles = [...issuer.roles];
    this.roleMapping = issuer.roleMapping.map((entry) => instanceOf(RoleMappingDto, entry));
    this.clockSkewSeconds = issuer.clockSkewSeconds;
    this.maxTokenAgeSeconds = issuer.maxTokenAgeSeconds;
    this.notAfter = issuer.notAfter;
    this.status = issuer.status;
    this.health = healthOf(issuer);
    this.ownership = instanceOf(OwnershipDto, {
      proven: issuer.ownershipProvenAt !== null,
      provenAt: issuer.ownershipProvenAt,
    });
    this.keyIds = keyIdsOf(issuer);
    this.revision = issuer.revision;
    this.createdAt = issuer.createdAt;
    this.updatedAt = issuer.updatedAt;
  }
}

/** One page of issuers, oldest first. */
export class IssuersPageDto extends PageDtoOf(IssuerDto) {}

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

function keyIdsOf({ keySet }: Issuer): string[] {
  return (keySet?.keys ?? []).flatMap(({ kid }) => (typeof kid === 'string' ? [kid] : []));
}

/** A real instance of a class that requests share, and that therefore has no constructor of its own. */
function instanceOf<Dto extends object>(dto: new () => Dto, values: Partial<Dto>): Dto {
  return Object.assign(new dto(), values);
}
