import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import { PLATFORM_ID, type TenantScope } from '@tenantry/kernel';

const PLATFORM_REASON = 'audit-platform-trail';

/** One trail to read: its id, and the only door to its rows. A statement's first parameter is the id. */
export interface Trail {
  /** The tenant's id, or the nil UUID: the platform's. */
  readonly id: string;
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;
}

/** The doors to trails: a tenant's is open to its scope alone. */
@Injectable()
export class Trails {
  constructor(private readonly database: Database) {}

  of(scope: TenantScope): Trail {
    const id = scope.tenantId;
    return { id, query: (text, values = []) => this.database.query(scope, text, [id, ...values]) };
  }

  ofPlatform(): Trail {
    return this.ofAny(PLATFORM_ID, PLATFORM_REASON);
  }

  /** Whose trail it is does not matter: for what Tenantry does by itself. Counted by its reason. */
  ofAny(id: string, reason: string): Trail {
    return {
      id,
      query: (text, values = []) => this.database.queryAcrossTenants(reason, text, [id, ...values]),
    };
  }
}
