import { Injectable } from '@nestjs/common';

import type { LiveSession, RequestOrigin } from '@tenantry/access';
import type { PlatformTransaction } from '@tenantry/database';
import { Sessions } from '../sessions/sessions.js';
import { SigninRecords } from './signin-records.js';

const ANEW = 'signed_in_anew';

/** What a browser was signed in with before it signs in anew: nothing of it goes on. */
@Injectable()
export class PreviousSessions {
  constructor(
    private readonly sessions: Sessions,
    private readonly records: SigninRecords,
  ) {}

  /** By the cookie that came along, else by the id that was kept of it; null where there is none. */
  async by(cookie: string | null, id: string | null = null): Promise<LiveSession | null> {
    const held = cookie === null ? null : await this.sessions.byCookie(cookie);
    return held ?? (id === null ? null : this.sessions.find(id));
  }

  async end(
    tx: PlatformTransaction,
    previous: LiveSession | null,
    origin: RequestOrigin,
  ): Promise<void> {
    if (!previous || !(await this.sessions.end(tx, previous.id, ANEW))) return;
    this.records.ended(tx, previous, { reason: ANEW, origin });
  }
}
