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

import { MayBeAbsent } from '@tenantry/http';
import { type Algorithm, ALGORITHMS } from '../issuer.js';
import { OneKeySource } from './one-key-source.js';

const URL_LENGTH_MAX = 2_048;
const TEXT_LENGTH_MAX = 255;
const SKEW_SECONDS_MAX = 300;
const TOKEN_AGE_SECONDS_MAX = 2_592_000;
const ALIASES_MAX = 5;
const CONDITION_LENGTH_MAX = 4_096;

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

/**
 * Names of the claims that say who the subject is. One that begins with `/` is a JSON pointer
 * (RFC 6901): `/realm_access/roles`.
 */
export class ClaimNamesDto {
  /**
   * Claim with the stable name of the subject; `sub` by default.
   * @example sub
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly subject?: string;

  /**
   * Claim with the e-mail address; `email` by default.
   * @example email
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly email?: string;

  /**
   * Claim with the name for people; `name` by default.
   * @example name
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly name?: string;

  /**
   * Claim with the groups, a list of names or one name; `groups` by default.
   * @example /realm_access/roles
   */
  @MayBeAbsent()
  @IsString()
  @MinLength(1)
  @MaxLength(TEXT_LENGTH_MAX)
  readonly groups?: string;
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
   * Other exact `iss` of the same provider, which is reached by several URLs with the same keys.
   * @example ["https://login.internal.acme.example"]
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(ALIASES_MAX)
  @ArrayUnique()
  @IsString({ each: true })
  @MinLength(1, { each: true })
  @MaxLength(URL_LENGTH_MAX, { each: true })
  readonly issuerAliases?: string[];

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
   * The signature algorithms that are believed: RS256, PS256, ES256 and EdDSA by default. The key's
   * own type narrows them.
   * @example ["RS256", "ES256"]
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayUnique()
  @IsIn(ALGORITHMS, { each: true })
  readonly algorithms?: Algorithm[];

  /** Only tokens with this claim belong to this registration. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => MatchDto)
  readonly match?: MatchDto | null;

  /** Which claims say who the subject is. */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => ClaimNamesDto)
  readonly claims?: ClaimNamesDto;

  /**
   * Who gets in: those who are members already (the default), or anyone that the issuer vouches for.
   * @example members
   */
  @MayBeAbsent()
  @IsIn(['members', 'anyone'])
  readonly admission?: 'members' | 'anyone';

  /**
   * Roles of those who are admitted without being members.
   * @example ["viewer"]
   */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(TEXT_LENGTH_MAX, { each: true })
  readonly roles?: string[];

  /** Roles by group. An unknown subject never becomes a tenant admin by it. */
  @MayBeAbsent()
  @IsArray()
  @ArrayMaxSize(100)
  @ValidateNested({ each: true })
  @Type(() => RoleMappingDto)
  readonly roleMapping?: RoleMappingDto[];

  /**
   * A condition on the claims, in CEL: a token that does not fulfil it is refused.
   * @example claims.email_verified == true && claims.department == "engineering"
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(CONDITION_LENGTH_MAX)
  readonly condition?: string | null;

  /**
   * How far its clock may be off, in seconds; 30 by default.
   * @example 30
   */
  @MayBeAbsent()
  @IsInt()
  @Min(0)
  @Max(SKEW_SECONDS_MAX)
  readonly clockSkewSeconds?: number;

  /**
   * How old a token may be by its `iat`, in seconds, whatever its `exp`; absent: as old as it likes.
   * @example 3600
   */
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(TOKEN_AGE_SECONDS_MAX)
  readonly maxTokenAgeSeconds?: number | null;

  /**
   * When the trust ends by itself.
   * @example 2027-06-30T00:00:00Z
   */
  @IsOptional()
  @Type(() => Date)
  @IsDate()
  readonly notAfter?: Date | null;
}
