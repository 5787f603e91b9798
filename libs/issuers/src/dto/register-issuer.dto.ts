import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  Equals,
  IsArray,
  IsDate,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Max,
  MaxLength,
  Min,
  MinLength,
  ValidateNested,
} from 'class-validator';

import type { ClaimNames } from '@tenantry/access';
import {
  type Algorithm,
  ALGORITHMS,
  DEFAULT_ALGORITHMS,
  DEFAULT_CLAIM_NAMES,
  type KeySource,
  type PublishedKeys,
  type Registration,
} from '../issuer.js';
import { OneKeySource } from './one-key-source.js';

const URL_LENGTH_MAX = 2_048;
const TEXT_LENGTH_MAX = 255;
const SKEW_SECONDS_MAX = 300;
const SKEW_SECONDS_DEFAULT = 30;
const TOKEN_AGE_SECONDS_MAX = 2_592_000;

/** Where the keys of an issuer come from: exactly one of the three. */
export class KeySourceDto {
  /**
   * Look the keys up by OpenID Connect discovery: the default.
   * @example true
   */
  @IsOptional()
  @Equals(true)
  readonly discovery?: true;

  /**
   * Fetch the key set from here.
   * @example https://login.acme.example/keys
   */
  @IsOptional()
  @IsString()
  @MaxLength(URL_LENGTH_MAX)
  readonly jwksUri?: string;

  /**
   * The key set itself (RFC 7517): 1 to 20 public keys, at most 64 KiB.
   * @example { "keys": [{ "kty": "OKP", "crv": "Ed25519", "kid": "a", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo" }] }
   */
  @IsOptional()
  @IsObject()
  readonly jwks?: Record<string, unknown>;
}

/** The tokens that belong to this registration, where several share an issuer. */
export class MatchDto {
  /**
   * Name of the claim.
   * @example hd
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly claim!: string;

  /**
   * Its value, exactly.
   * @example acme.example
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly value!: string;
}

/** Names of the claims that say who the subject is. */
export class ClaimNamesDto {
  /**
   * Claim with the stable name of the subject.
   * @example sub
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly subject: string = DEFAULT_CLAIM_NAMES.subject;

  /**
   * Claim with the e-mail address.
   * @example email
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly email: string = DEFAULT_CLAIM_NAMES.email;

  /**
   * Claim with the name for people.
   * @example name
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly name: string = DEFAULT_CLAIM_NAMES.name;

  /**
   * Claim with the groups: a list of names, or one name.
   * @example groups
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly groups: string = DEFAULT_CLAIM_NAMES.groups;
}

/** Members of the group get the role. */
export class RoleMappingDto {
  /**
   * Name of the group, as the issuer gives it.
   * @example engineering
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly group!: string;

  /**
   * Role in this tenant.
   * @example builder
   */
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly role!: string;
}

/** An issuer whose tokens are to open this tenant. */
export class RegisterIssuerDto {
  /**
   * The exact `iss` of its tokens: https, without query or fragment.
   * @example https://login.acme.example
   */
  @IsString()
  @MinLength(1)
  @MaxLength(URL_LENGTH_MAX)
  readonly issuer!: string;

  /**
   * The audiences of which a token must carry one.
   * @example ["https://api.example.com"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(TEXT_LENGTH_MAX, { each: true })
  readonly audiences!: string[];

  /** Where its keys come from; by default, OpenID Connect discovery. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @OneKeySource()
  @Type(() => KeySourceDto)
  readonly keys?: KeySourceDto;

  /**
   * The signature algorithms that are believed; the key's own type narrows them.
   * @example ["RS256", "ES256"]
   */
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(ALGORITHMS, { each: true })
  readonly algorithms: Algorithm[] = [...DEFAULT_ALGORITHMS];

  /** Only tokens with this claim belong to this registration. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MatchDto)
  readonly match?: MatchDto;

  /** Which claims say who the subject is. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ClaimNamesDto)
  readonly claims?: ClaimNamesDto;

  /**
   * Who gets in: only those who are members already, or anyone that the issuer vouches for.
   * @example members
   */
  @IsIn(['members', 'anyone'])
  readonly admission: 'members' | 'anyone' = 'members';

  /**
   * Roles of those who are admitted without being members.
   * @example ["viewer"]
   */
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(TEXT_LENGTH_MAX, { each: true })
  readonly roles: string[] = [];

  /** Roles by group. An unknown subject never becomes a tenant admin by it. */
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => RoleMappingDto)
  readonly roleMapping: RoleMappingDto[] = [];

  /**
   * How far its clock may be off, in seconds.
   * @example 30
   */
  @IsInt()
  @Min(0)
  @Max(SKEW_SECONDS_MAX)
  readonly clockSkewSeconds: number = SKEW_SECONDS_DEFAULT;

  /**
   * How old a token may be by its `iat`, in seconds, whatever its `exp`; absent: as old as it likes.
   * @example 3600
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(TOKEN_AGE_SECONDS_MAX)
  readonly maxTokenAgeSeconds?: number;

  /**
   * When the trust ends by itself.
   * @example 2027-06-30T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  readonly notAfter?: Date;
}

/** The registration that a body asks for. */
export function registrationOf(dto: RegisterIssuerDto): Registration {
  return {
    issuer: dto.issuer,
    audiences: dto.audiences,
    keySource: keySourceOf(dto.keys),
    algorithms: dto.algorithms,
    match: dto.match ? { claim: dto.match.claim, value: dto.match.value } : null,
    claims: claimNamesOf(dto.claims),
    admission: dto.admission,
    roles: dto.roles,
    roleMapping: dto.roleMapping.map(({ group, role }) => ({ group, role })),
    clockSkewSeconds: dto.clockSkewSeconds,
    maxTokenAgeSeconds: dto.maxTokenAgeSeconds ?? null,
    notAfter: dto.notAfter ?? null,
  };
}

function claimNamesOf(dto: ClaimNamesDto | undefined): ClaimNames {
  if (!dto) return DEFAULT_CLAIM_NAMES;
  const { subject, email, name, groups } = dto;
  return { subject, email, name, groups };
}

function keySourceOf(dto: KeySourceDto | undefined): KeySource {
  // A set of another shape is refused when it is parsed, before anything is saved.
  if (dto?.jwks) return { kind: 'inline', jwks: dto.jwks as unknown as PublishedKeys };
  return dto?.jwksUri === undefined
    ? { kind: 'discovery' }
    : { kind: 'jwksUri', jwksUri: dto.jwksUri };
}
