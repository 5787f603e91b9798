import { Injectable } from '@nestjs/common';

import type { LiveSession, RequestOrigin, SessionRegistration } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { PreviousSessions } from '../login/previous-sessions.js';
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
    private readonly previousSessions: PreviousSessions,
    private readonly records: TokenRecords,
  ) {}

  /** `previous` is what the browser held before: it ends, and nothing of it is taken over. */
  async open(
    arrival: Arrival,
    { origin, previous }: { readonly origin: RequestOrigin; readonly previous: LiveSession | null },
  ): Promise<OpenedSession> {
    return this.database.acrossTenants('provider-sign-in', async (tx) => {
      await this.previousSessions.end(tx, previous, origin);
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
