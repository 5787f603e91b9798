import { IsIn, IsOptional, IsString, MaxLength, MinLength } from 'class-validator';

import { ListQueryDto } from '@tenantry/http';

/** What a list of members is narrowed to. */
export class ListMembersDto extends ListQueryDto {
  /**
   * Only members of this status.
   * @example active
   */
  @IsOptional()
  @IsIn(['active', 'suspended', 'invited'])
  readonly status?: 'active' | 'suspended' | 'invited';

  /**
   * Only members of this kind.
   * @example person
   */
  @IsOptional()
  @IsIn(['person', 'service', 'external'])
  readonly kind?: 'person' | 'service' | 'external';

  /**
   * Only members whose e-mail address or name contains this text.
   * @example ada
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly q?: string;
}
