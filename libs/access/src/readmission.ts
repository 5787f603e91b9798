import type { IncomingHttpHeaders } from 'node:http';

import { Injectable } from '@nestjs/common';

import { PermissionMissing, TenantMismatch } from './access.errors.js';
import { Authenticator } from './authenticator.js';
import type { Caller } from './caller.js';
import { credentialOf } from './credential.js';
import { Directories } from './directories.js';
import type { Permission, PlatformPermission } from './permission.js';
import { refuseState } from './tenant-state-rule.js';

/** What somebody was let in for: only who reads is let in where nobody may write any more. */
interface Admitted {
  readonly permission: Permission | PlatformPermission;
  readonly method: string;
}

/** Whether somebody who was admitted a while ago would be admitted still: for answers that last. */
@Injectable()
export class Readmission {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly directories: Directories,
  ) {}

  /** By what the request has shown. Throws what the guard would refuse with. */
  async assert(
    { tenant: before }: Caller,
    headers: IncomingHttpHeaders,
    { permission, method }: Admitted,
  ): Promise<void> {
    const { text, kind } = credentialOf(headers);
    const { actor, tenant: own } = await this.authenticator.inspect(text, kind);
    if (!actor.permissions.has(permission)) throw new PermissionMissing(permission);
    if (!before) return;
    const tenant = actor.isPlatform ? await this.directories.tenants.find(before.id) : own;
    if (tenant?.id !== before.id) throw new TenantMismatch();
    // The way in may have been closed meanwhile.
    if (own) refuseState(own, actor, method);
  }
}
