import { Injectable } from '@nestjs/common';

import type { Actor, Caller, LiveSession } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { Sessions } from '../sessions/sessions.js';
import { SigninRecords } from './signin-records.js';

/** Signs callers out. */
@Injectable()
export class Logouts {
  constructor(
    private readonly database: Database,
    private readonly sessions: Sessions,
    private readonly records: SigninRecords,
  ) {}

  /** Does nothing for a caller who has no session: a machine, or a token of another issuer. */
  async signOut(caller: Caller): Promise<void> {
    const { actor } = caller;
    const session = actor.sessionId === null ? null : await this.sessions.find(actor.sessionId);
    if (!session || !isOwn(session, actor)) return;
    await this.database.acrossTenants('sign-out', async (tx) => {
      if (!(await this.sessions.end(tx, session.id, 'signed_out'))) return;
      this.records.ofCaller(tx, caller, {
        deed: 'session.ended',
        target: { kind: 'session', id: session.id },
        reason: 'signed_out',
      });
    });
  }
}

/** Another issuer's token may carry any `sid` at all. */
function isOwn({ memberId, personId }: LiveSession, { id, personId: own }: Actor): boolean {
  return memberId === null ? personId !== null && personId === own : memberId === id;
}
