import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import type { MemberChanges } from '../member.js';
import { ResourceGrantDto } from './resource-grant.dto.js';

/** What changes; a field that is not named stays. */
export class ChangeMemberDto implements MemberChanges {
  /**
   * Name for people; null for none.
   * @example Ada Lovelace
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(200)
  readonly displayName?: string | null;

  /**
   * All roles: the given ones replace those there are.
   * @example ["operator"]
   */
  @ValidateIf(({ roles }: ChangeMemberDto) => roles !== undefined)
  @IsArray()
  @ArrayMaxSize(20)
  @ArrayUnique()
  @IsString({ each: true })
  @MaxLength(255, { each: true })
  readonly roles?: string[];

  /** All roles on single resources: the given ones replace those there are. */
  @ValidateIf(({ grants }: ChangeMemberDto) => grants !== undefined)
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => ResourceGrantDto)
  readonly grants?: ResourceGrantDto[];
}
