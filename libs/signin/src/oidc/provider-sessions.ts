import { Injectable } from '@nestjs/common';

import type { RequestOrigin, SessionRegistration } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { TokenRecords } from '../oauth/token-records.js';
import { type OpenedSession, Sessions } from '../sessions/sessions.js';

/** Whom a provider vouches for, as a member. */
export interface Arrival {
  readonly tenantId: string;
  readonly memberId: string;
  readonly registration: SessionRegistration;
}

/** Opens the browser sessions of those whom a provider vouches for. */
@Injectable()
export class ProviderSessions {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly records: TokenRecords,
  ) {}

  async open(arrival: Arrival, origin: RequestOrigin): Promise<OpenedSession> {
    return this.database.acrossTenants('provider-sign-in', async (tx) => {
      const session = await this.sessions.open(tx, {
        ...arrival,
        personId: null,
        // Whether there was one is the provider's affair.
        hasSecondFactor: false,
        isBrowser: true,
        origin,
      });
      this.records.started(tx, session, origin);
      return session;
    });
  }
}
