import { IsString, MaxLength, MinLength } from 'class-validator';

import { RegisterIssuerDto } from './register-issuer.dto.js';

const NAME_LENGTH_MAX = 255;

/** An issuer whose tokens name the tenant that they belong to. */
export class RegisterPlatformIssuerDto extends RegisterIssuerDto {
  /**
   * The claim whose value is the id or the slug of the tenant; a JSON pointer is allowed.
   * @example organization
   */
  @IsString()
  @MinLength(1)
  @MaxLength(NAME_LENGTH_MAX)
  readonly tenantClaim!: string;
}
