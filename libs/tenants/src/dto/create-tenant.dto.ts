import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsOptional,
  IsString,
  Matches,
  MaxLength,
  MinLength,
  Validate,
  ValidateNested,
} from 'class-validator';

import { IsSlug, Labels } from '@tenantry/http';
import type { NewTenant } from '../tenant.js';

export const ROUTES_MAX = 50;
const DISPLAY_NAME_LENGTH_MAX = 200;

/** A place at which a tenant is served. */
export class RouteDto {
  /**
   * Host name, in lower case.
   * @example acme.example.com
   */
  @IsString()
  @MaxLength(253)
  @Matches(
    /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/,
    {
      message: 'must be a host name in lower case',
    },
  )
  readonly host!: string;

  /**
   * Beginning of the path, from the slash on.
   * @example /acme
   */
  @IsString()
  @MaxLength(500)
  @Matches(/^\/[^?#\s]*$/, { message: 'must begin with a slash, without query or fragment' })
  readonly pathPrefix: string = '/';
}

/** A new tenant. */
export class CreateTenantDto implements NewTenant {
  /**
   * Short name for paths and logs: for ever, and never given to another tenant.
   * @example acme
   */
  @IsSlug()
  readonly slug!: string;

  /**
   * Name for people.
   * @example Acme Corporation
   */
  @IsString()
  @MinLength(1)
  @MaxLength(DISPLAY_NAME_LENGTH_MAX)
  readonly displayName!: string;

  /**
   * Where its data is to live.
   * @example eu-central
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  readonly region?: string;

  /**
   * Slug of the plan whose limits it has; a name that no plan has gives none.
   * @example team
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  readonly plan?: string;

  /**
   * Up to 32 labels of your own.
   * @example { "tier": "gold" }
   */
  @IsOptional()
  @Validate(Labels)
  readonly labels?: Record<string, string>;

  /** Where it is served; a place belongs to one tenant only. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(ROUTES_MAX)
  @ValidateNested({ each: true })
  @Type(() => RouteDto)
  readonly routes?: RouteDto[];
}
