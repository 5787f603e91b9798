import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import { ListQueryDto } from '@tenantry/http';
import type { TenantHealth, TenantStatus } from '../tenant.js';

export class ListTenantsDto extends ListQueryDto {
  /**
   * Only tenants of this status.
   * @example active
   */
  @IsOptional()
  @IsIn(['active', 'suspended', 'terminating'])
  readonly status?: TenantStatus;

  /**
   * Only tenants of this health.
   * @example unverified
   */
  @IsOptional()
  @IsIn(['pending', 'healthy', 'unverified', 'disabled'])
  readonly health?: TenantHealth;

  /**
   * Only tenants with this label, as `key:value`, or with a label of this key.
   * @example tier:gold
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(320)
  readonly label?: string;

  /**
   * Only tenants whose slug or display name contains this text.
   * @example acme
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly q?: string;
}
