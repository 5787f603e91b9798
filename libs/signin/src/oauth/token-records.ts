import { Injectable } from '@nestjs/common';

import type { RequestOrigin } from '@tenantry/access';
import { AuditTrail, Refusals } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import type { DomainError } from '@tenantry/kernel';
import type { PlatformClient } from '../accounts/platform-accounts.js';

/** Puts tokens, and who was refused one, on record. */
@Injectable()
export class TokenRecords {
  constructor(
    private readonly database: Database,
    private readonly audit: AuditTrail,
    private readonly refusals: Refusals,
  ) {}

  async issued(client: PlatformClient, issuer: string, origin: RequestOrigin): Promise<void> {
    const actor = {
      kind: client.kind,
      id: client.id,
      issuer,
      subject: client.id,
      email: null,
      name: client.name,
      keyId: null,
      sessionId: null,
      isPlatform: true,
      isEngine: false,
      roles: client.roles,
      permissions: new Set<never>(),
    };
    await this.database.acrossTenants('token-issued', (tx) => {
      this.audit.recordOnPlatform(
        tx,
        { actor, origin },
        { deed: 'token.issued', target: { kind: 'platform_account', id: client.id } },
      );
      return Promise.resolve();
    });
  }

  async refused(error: DomainError): Promise<void> {
    await this.refusals.note(error, 'POST /oauth/token', undefined);
  }
}
