import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsOptional, IsString, Matches, MaxLength, MinLength } from 'class-validator';

import { ListQueryDto } from '@tenantry/http';
import { SECRET_STATES, type SecretState } from '../secret.js';

export class ListSecretsDto extends ListQueryDto {
  /**
   * Only secrets whose name begins like this.
   * @example erp.
   */
  @IsOptional()
  @IsString()
  @MinLength(1)
  @MaxLength(128)
  readonly prefix?: string;

  /**
   * Only secrets with this label, as `key:value`, or with a label of this key.
   * @example adapter:erp
   */
  @IsOptional()
  @IsString()
  @MaxLength(320)
  @Matches(/^[^:]/, { message: 'must be a key, or key:value' })
  readonly label?: string;

  @ApiPropertyOptional({
    enum: SECRET_STATES,
    description: 'Only secrets that need this of their owner.',
    example: 'rotation_due',
  })
  @IsOptional()
  @IsIn(SECRET_STATES)
  readonly state?: SecretState;
}
