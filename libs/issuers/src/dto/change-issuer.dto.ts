import { PartialType } from '@nestjs/swagger';

import { RegisterIssuerDto } from './register-issuer.dto.js';
import { RegisterPlatformIssuerDto } from './register-platform-issuer.dto.js';

/** What is to change; null takes an optional field away. Of `claims`, only the names that are given. */
export class ChangeIssuerDto extends PartialType(RegisterIssuerDto, {
  skipNullProperties: false,
}) {}

/** What is to change of an issuer of the platform. */
export class ChangePlatformIssuerDto extends PartialType(RegisterPlatformIssuerDto, {
  skipNullProperties: false,
}) {}
