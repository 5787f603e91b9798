import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
  ValidateIf,
} from 'class-validator';

import type { MemberChanges } from '../member.js';

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
}
