import { ApiProperty } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import {
  IsObject,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateNested,
} from 'class-validator';

import type { AdmissionPreview, TenantState } from '@tenantry/access';
import { RegisterIssuerDto } from '../dto/register-issuer.dto.js';
import { RegisterPlatformIssuerDto } from '../dto/register-platform-issuer.dto.js';
import type { CheckName, Finding } from './checks/finding.js';
import type { Check, Diagnosis } from './diagnosis.js';
import type { NearMatch } from './registration-choice.js';

/** Beyond what the guard reads, so that a token that is too long can be told so. */
const TOKEN_LENGTH_MAX = 65_536;

/** The compiler's plugin knows no type for what may be anything. */
const ANY_JSON = {
  nullable: true,
  oneOf: [
    { type: 'object', additionalProperties: true },
    { type: 'array', items: {} },
    { type: 'string' },
    { type: 'number' },
    { type: 'boolean' },
  ],
};

/** A token that is to be looked at. It is kept nowhere. */
export class DiagnoseTokenDto {
  /**
   * The token, to the letter.
   * @example eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmFjbWUuZXhhbXBsZSJ9.c2lnbmF0dXJl
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TOKEN_LENGTH_MAX)
  readonly token!: string;

  /** A registration that does not exist yet, to hold the token against instead. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RegisterIssuerDto)
  readonly candidate?: RegisterIssuerDto;
}

/** A token that is to be held against the issuers of the platform. It is kept nowhere. */
export class DiagnosePlatformTokenDto {
  /**
   * The token, to the letter.
   * @example eyJhbGciOiJFZERTQSIsImtpZCI6ImEifQ.eyJpc3MiOiJodHRwczovL2xvZ2luLmFjbWUuZXhhbXBsZSJ9.c2lnbmF0dXJl
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TOKEN_LENGTH_MAX)
  readonly token!: string;

  /** A registration that does not exist yet, to hold the token against instead. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => RegisterPlatformIssuerDto)
  readonly candidate?: RegisterPlatformIssuerDto;
}

/** One check, and what it has found. */
export class CheckDto {
  /**
   * What was looked at.
   * @example exp
   */
  readonly check: CheckName;

  /**
   * `skipped`: there is nothing to judge, or no way to.
   * @example failed
   */
  readonly outcome: Finding['outcome'];

  /**
   * What the token, or its issuer, holds; null: nothing.
   * @example { "value": 1795262400, "at": "2026-11-21T12:00:00.000Z", "secondsFromNow": -90 }
   */
  @ApiProperty(ANY_JSON)
  readonly found: unknown;

  /**
   * What would have passed.
   * @example { "now": 1795262490, "clockSkewSeconds": 30 }
   */
  @ApiProperty(ANY_JSON)
  readonly expected: unknown;

  /**
   * What to change, and where; null where there is nothing to do.
   * @example Get a new token: this one has expired; if it is fresh, set the clocks right, or raise clockSkewSeconds of the registration.
   */
  readonly remedy: string | null;

  /**
   * What else is worth knowing.
   * @example null
   */
  readonly detail: string | null;

  constructor({ check, outcome, found, expected, remedy, detail }: Check) {
    this.check = check;
    this.outcome = outcome;
    this.found = found;
    this.expected = expected;
    this.remedy = remedy;
    this.detail = detail;
  }
}

/** The registration that the token was held against. */
export class HeldIssuerDto {
  /**
   * Its id; null for a candidate.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string | null;

  /**
   * The exact `iss` of its tokens.
   * @example https://login.acme.example
   */
  readonly issuer: string;

  constructor({ id, issuer }: NonNullable<Diagnosis['issuer']>) {
    this.id = id;
    this.issuer = issuer;
  }
}

/** Another registration that the token could have been meant for. */
export class NearMatchDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * The exact `iss` of its tokens.
   * @example https://login.acme.example/realms/staff
   */
  readonly issuer: string;

  /**
   * What keeps it from being the one: `issuer`, `audiences`, `match`, `status`, `ownership`; empty where it takes the token.
   * @example ["audiences"]
   */
  readonly differs: string[];

  constructor({ id, issuer, differs }: NearMatch) {
    this.id = id;
    this.issuer = issuer;
    this.differs = [...differs];
  }
}

/** The tenant that the token leads to. */
export class DiagnosedTenantDto {
  /**
   * Its id.
   * @example 01939f3e-8a20-7c3b-9d2a-6f1d7a1b2c3d
   */
  readonly id: string;

  /**
   * Its slug.
   * @example acme
   */
  readonly slug: string;

  /**
   * Whether it is open.
   * @example active
   */
  readonly status: TenantState['status'];

  constructor({ id, slug, status }: TenantState) {
    this.id = id;
    this.slug = slug;
    this.status = status;
  }
}

/** What would become of the subject. */
export class AdmissionPreviewDto {
  /**
   * `member`: it is one; `binds`: it takes up a membership by its e-mail address; `admitted`: it becomes one.
   * @example refused
   */
  readonly outcome: AdmissionPreview['outcome'];

  /**
   * Why it is refused.
   * @example unknown_subject
   */
  readonly reason: AdmissionPreview['reason'];

  constructor({ outcome, reason }: AdmissionPreview) {
    this.outcome = outcome;
    this.reason = reason;
  }
}

/** What the guard would do with a token, and why. Nothing of it has happened. */
export class DiagnosisDto {
  /**
   * What the registrations looked at would do with it, with the keys that are known at present.
   * @example refused
   */
  readonly verdict: Diagnosis['verdict'];

  /**
   * The code of the refusal that its bearer sees.
   * @example access.token_invalid
   */
  readonly refusal: string | null;

  /** The registration that it was held against: the one that takes it, else the nearest. */
  readonly issuer: HeldIssuerDto | null;

  /** The tenant that it leads to. */
  readonly tenant: DiagnosedTenantDto | null;

  /** Every check, in order; the token is accepted where none has failed. */
  readonly checks: CheckDto[];

  /** Other registrations that it could have been meant for, the nearest first. */
  readonly nearMatches: NearMatchDto[];

  /**
   * Roles that its subject would have.
   * @example ["viewer"]
   */
  readonly roles: string[];

  /**
   * What these roles permit.
   * @example ["tenant:read"]
   */
  readonly permissions: string[];

  /** What would become of its subject; null where the signature does not vouch for it. */
  readonly admission: AdmissionPreviewDto | null;

  constructor(diagnosis: Diagnosis) {
    const { issuer, tenant, admission } = diagnosis;
    this.verdict = diagnosis.verdict;
    this.refusal = diagnosis.refusal;
    this.issuer = issuer && new HeldIssuerDto(issuer);
    this.tenant = tenant && new DiagnosedTenantDto(tenant);
    this.checks = diagnosis.checks.map((check) => new CheckDto(check));
    this.nearMatches = diagnosis.nearMatches.map((match) => new NearMatchDto(match));
    this.roles = [...diagnosis.roles];
    this.permissions = [...diagnosis.permissions];
    this.admission = admission && new AdmissionPreviewDto(admission);
  }
}
