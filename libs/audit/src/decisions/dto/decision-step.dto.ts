import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

import { type DecisionStep, type StepName, STEPS } from '../receipt.js';

/** Names of the claims that were read. */
export class DecisionClaimNamesDto {
  /**
   * The claim that names the subject.
   * @example sub
   */
  readonly subject!: string;

  /**
   * The claim that holds the e-mail address.
   * @example email
   */
  readonly email!: string;

  /**
   * The claim that holds the groups.
   * @example groups
   */
  readonly groups!: string;

  /**
   * The claim that names the tenant, of an issuer of the platform; null for any other.
   * @example null
   */
  readonly tenant!: string | null;
}

/** A group that the issuer's registration maps to a role. */
export class DecisionMappingDto {
  /**
   * The group.
   * @example staff
   */
  readonly group!: string;

  /**
   * The role that whoever is in it has.
   * @example operator
   */
  readonly role!: string;
}

/** What the claims of an external issuer came down to. Addresses never. */
export class DecisionClaimsDto {
  /** Which claims were read; null for a session, which keeps what they said and not where. */
  @ApiProperty({ type: DecisionClaimNamesDto, nullable: true })
  readonly names!: DecisionClaimNamesDto | null;

  /**
   * Whether there is an e-mail address that the issuer has verified: by it a membership may be bound.
   * @example true
   */
  readonly isEmailVerified!: boolean;

  /**
   * The first fifty groups.
   * @example ["staff"]
   */
  readonly groups!: string[];

  /** The roles that those groups are mapped to. */
  readonly mappedRoles!: DecisionMappingDto[];

  /**
   * Who gets in by this issuer.
   * @example members
   */
  readonly admission!: 'members' | 'anyone';

  /**
   * The roles of whoever gets in without being a member.
   * @example []
   */
  readonly admissionRoles!: string[];

  /**
   * Of a guest's issuer: the one resource that everything holds for; null for any other.
   * @example null
   */
  readonly resource!: string | null;

  /**
   * `held` where the registration asks for a condition; null where it asks for none.
   * @example held
   */
  readonly condition!: 'held' | null;
}

/** A role on one resource alone. */
export class DecisionGrantDto {
  /**
   * The role.
   * @example operator
   */
  readonly role!: string;

  /**
   * The resource.
   * @example workflow/po-1234
   */
  readonly resource!: string;
}

/** One step of a decision, with what it rested on: fields that say nothing of it are absent. */
export class DecisionStepDto {
  /**
   * What was looked at. `throttle`, `quota` and `route` are told only where they refused; `route` is
   * what a route refuses beyond the permission that it declares.
   * @example permission
   */
  @ApiProperty({ enum: STEPS })
  readonly step!: StepName;

  /**
   * How it went; nothing comes after a step that refused.
   * @example passed
   */
  readonly outcome!: 'passed' | 'refused';

  /**
   * The code of the refusal.
   * @example access.permission_missing
   */
  readonly code?: string;

  /**
   * Of a bad credential: what is wrong with it.
   * @example expired
   */
  readonly fault?: string;

  /**
   * Of `credential`: its sort. Of `permission`: `consent` where the tenant's consent stands in its place.
   * @example token
   */
  readonly by?: 'token' | 'api_key' | 'cookie' | 'consent';

  /**
   * Whether this is only what a token claimed that nobody has verified.
   * @example true
   */
  readonly unverified?: boolean;

  /**
   * Of `issuer`: who vouches.
   * @example https://login.acme.example
   */
  readonly issuer?: string | null;

  /**
   * Of `issuer`: its registration; null for Tenantry's own.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly registration?: string | null;

  /**
   * Of `key`: the key that signed the token, or the API key.
   * @example 2026-11-a
   */
  readonly keyId?: string | null;

  /** Of `claims`: what they came down to. */
  readonly claims?: DecisionClaimsDto;

  /**
   * Of `member`: what sort of actor it is.
   * @example external
   */
  readonly kind?: 'person' | 'service' | 'external';

  /**
   * Of `member` and `tenant`: the id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id?: string;

  /**
   * Of `member`: whether it stands outside every tenant.
   * @example false
   */
  readonly isPlatform?: boolean;

  /**
   * Of `roles`: those that it had, of its own and by its groups.
   * @example ["viewer"]
   */
  readonly roles?: string[];

  /** Of `roles`: those that it had on one resource alone. */
  readonly grants?: DecisionGrantDto[];

  /**
   * Of `tenant`: its state.
   * @example active
   */
  readonly status?: string;

  /**
   * Of `tenant`: how the one in the path stands to the caller's own; `names` where it says which.
   * @example agrees
   */
  readonly path?: 'absent' | 'agrees' | 'differs' | 'names';

  /**
   * Of `tenant`: the same of the tenant header.
   * @example absent
   */
  readonly header?: 'absent' | 'agrees' | 'differs' | 'names';

  /**
   * Of `permission`: the one that the route declares.
   * @example issuers:write
   */
  readonly needed?: string;

  /**
   * Of `permission`: whether the actor holds it.
   * @example false
   */
  readonly held?: boolean;

  /** Of `quota`: the limit that refused. */
  @ApiPropertyOptional({
    type: 'object',
    additionalProperties: true,
    example: { kind: 'calls', name: 'day', quota: 10, remaining: 0 },
  })
  readonly limit?: unknown;

  /**
   * Of `throttle` and `quota`: after how many seconds it may succeed.
   * @example 1
   */
  readonly retryAfterSeconds?: number;

  constructor(step: DecisionStep) {
    // The form of a step is this class's form.
    Object.assign(this, step);
  }
}
