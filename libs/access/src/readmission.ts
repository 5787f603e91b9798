import { Injectable } from '@nestjs/common';

import { PermissionMissing, TenantMismatch } from './access.errors.js';
import { Authenticator } from './authenticator.js';
import { bearerTokenOf } from './bearer-token.js';
import type { Caller } from './caller.js';
import { Directories } from './directories.js';
import type { Permission } from './permission.js';
import { refuseState } from './tenant-state-rule.js';

/** Whether somebody who was admitted a while ago would be admitted still: for answers that last. */
@Injectable()
export class Readmission {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly directories: Directories,
  ) {}

  /** Throws what the guard would refuse with. Who came by a cookie is not asked in again. */
  async assert(
    { tenant: before }: Caller,
    authorization: string | undefined,
    permission: Permission,
  ): Promise<void> {
    const { actor, tenant: own } = await this.authenticator.inspect(bearerTokenOf(authorization));
    if (!actor.permissions.has(permission)) throw new PermissionMissing(permission);
    if (!before) return;
    const tenant = actor.isPlatform ? await this.directories.tenants.find(before.id) : own;
    if (tenant?.id !== before.id) throw new TenantMismatch();
    // The way in may have been closed meanwhile; who spends, writes.
    if (own) refuseState(own, actor, 'POST');
  }
}
