import {
  IsBoolean,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  Validate,
  ValidateIf,
} from 'class-validator';

import { Labels } from '@tenantry/http';
import type { TenantChanges } from '../tenant.js';

const isGiven = (_: object, value: unknown): boolean => value !== undefined;

/** What changes; a field that is not named stays. A tenant admin changes the first two alone. */
export class ChangeTenantDto implements TenantChanges {
  /**
   * Name for people.
   * @example Acme Corporation
   */
  @ValidateIf(isGiven)
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly displayName?: string;

  /**
   * Whether people with an account here need a second factor to act in the tenant; at once, on every node.
   * @example true
   */
  @ValidateIf(isGiven)
  @IsBoolean()
  readonly requiresSecondFactor?: boolean;

  /**
   * Where its data is to live; null for nowhere in particular.
   * @example eu-central
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  readonly region?: string | null;

  /**
   * Slug of the plan whose limits it has; a name that no plan has gives none. Null for no plan.
   * @example team
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(63)
  readonly plan?: string | null;

  /**
   * All labels: the given ones replace those there are.
   * @example { "tier": "gold" }
   */
  @ValidateIf(isGiven)
  @Validate(Labels)
  readonly labels?: Record<string, string>;
}
