import { Injectable } from '@nestjs/common';

import { ApiKeyDirectory } from './api-key-directory.js';
import { BuiltInIssuer, IssuerDirectory } from './issuer-directory.js';
import { MemberDirectory, PlatformDirectory } from './member-directory.js';
import { RoleDirectory } from './role-directory.js';
import { SessionDirectory } from './session-directory.js';
import { TenantDirectory } from './tenant-directory.js';

/** Everything that the guard must find out; each provided by the feature that knows it. */
@Injectable()
export class Directories {
  constructor(
    readonly issuers: IssuerDirectory,
    readonly builtIn: BuiltInIssuer,
    readonly members: MemberDirectory,
    readonly roles: RoleDirectory,
    // More than the usual four: these are one thing, what the guard asks.
    readonly platform: PlatformDirectory,
    readonly tenants: TenantDirectory,
    readonly sessions: SessionDirectory,
    readonly apiKeys: ApiKeyDirectory,
  ) {}
}
