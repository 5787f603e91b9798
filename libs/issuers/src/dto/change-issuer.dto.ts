import { PartialType } from '@nestjs/swagger';

import { RegisterPlatformIssuerDto } from './register-platform-issuer.dto.js';
import { RegisterTenantIssuerDto } from './register-tenant-issuer.dto.js';

/** What is to change; null takes an optional field away. Of `claims`, only the names that are given. */
export class ChangeIssuerDto extends PartialType(RegisterTenantIssuerDto, {
  skipNullProperties: false,
}) {}

/** What is to change of an issuer of the platform. */
export class ChangePlatformIssuerDto extends PartialType(RegisterPlatformIssuerDto, {
  skipNullProperties: false,
}) {}
