import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsRFC3339, IsString, Matches, MaxLength } from 'class-validator';

import type { ResourceGrant } from '@tenantry/access';

const NAME_LENGTH_MAX = 255;
const RESOURCE = /^[a-z][a-z0-9-]{0,63}\/[\x21-\x7e]{1,200}$/;

/** A role that holds on one resource alone. */
export class ResourceGrantDto implements ResourceGrant {
  /**
   * The role, built in or the tenant's own.
   * @example operator
   */
  @IsString()
  @MaxLength(NAME_LENGTH_MAX)
  readonly role!: string;

  /**
   * The resource, by its kind and its name.
   * @example workflow/po-1234
   */
  @IsString()
  @Matches(RESOURCE, { message: 'must name a kind and a resource, like workflow/po-1234' })
  readonly resource!: string;

  /**
   * When the grant ends by itself; null or absent: never.
   * @example 2027-06-30T00:00:00Z
   */
  @ApiPropertyOptional({ format: 'date-time' })
  @IsOptional()
  @IsRFC3339()
  readonly expiresAt: string | null = null;
}
