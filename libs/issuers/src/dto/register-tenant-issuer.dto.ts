import { Type } from 'class-transformer';
import { IsObject, IsOptional, ValidateNested } from 'class-validator';

import { GuestDto } from './guest.dto.js';
import { RegisterIssuerDto } from './register-issuer.dto.js';

/** An issuer whose tokens are to open this tenant, or, of a guest's, one resource in it. */
export class RegisterTenantIssuerDto extends RegisterIssuerDto {
  /**
   * The issuer is somebody else's, and its people are guests: `roles` is what they have on the
   * resource, `notAfter` at most 30 days ahead, and a second person approves it.
   */
  @IsOptional()
  @IsObject()
  @ValidateNested()
  @Type(() => GuestDto)
  readonly guest?: GuestDto | null;
}
