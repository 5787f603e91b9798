import { Injectable } from '@nestjs/common';

import type { LiveSession, PersonMembership, RequestOrigin } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { PeopleRepository } from '../people/people.repository.js';
import { RefreshTokens } from '../sessions/refresh-tokens.js';
import { type NewSession, type OpenedSession, Sessions } from '../sessions/sessions.js';
import { PersonProof, type Proof } from './person-proof.js';
import { PreviousSessions } from './previous-sessions.js';
import { SigninRecords } from './signin-records.js';

/** What a sign-in comes to, once everything is known. */
export interface Opening {
  readonly chosen: PersonMembership | null;
  readonly origin: RequestOrigin;
  readonly isBrowser: boolean;
  /** What the browser held before: it ends, and nothing of it is taken over. */
  readonly previous: LiveSession | null;
  /** The password's new hash, where the old one was made with other parameters. */
  readonly renewedHash: string | null;
}

/** A session that was opened; a refresh token where no browser holds it. */
export interface Opened {
  readonly session: OpenedSession;
  readonly refreshToken: string | null;
}

/** Opens the session of a person, with all that belongs to it, in one transaction. */
@Injectable()
export class SessionOpening {
  constructor(
    private readonly database: Database,
    private readonly proof: PersonProof,
    private readonly people: PeopleRepository,
    private readonly sessions: Sessions,
    // More than the usual four: a session, its tokens and its record are written together.
    private readonly chain: RefreshTokens,
    private readonly previous: PreviousSessions,
    private readonly records: SigninRecords,
  ) {}

  async open(proof: Proof, opening: Opening): Promise<Opened> {
    const { person } = proof;
    const { origin, isBrowser, renewedHash } = opening;
    return this.database.acrossTenants('sign-in', async (tx) => {
      await this.proof.uphold(tx, proof);
      if (renewedHash !== null) await this.people.replaceHash(tx, person.id, renewedHash);
      await this.previous.end(tx, opening.previous, origin);
      const session = await this.sessions.open(tx, newSession(proof, opening));
      const refreshToken = isBrowser ? null : await this.chain.issue(tx, session);
      this.records.started(tx, session, { person, origin });
      return { session, refreshToken };
    });
  }
}

function newSession({ person, factor }: Proof, { chosen, origin, isBrowser }: Opening): NewSession {
  return {
    personId: person.id,
    tenantId: chosen?.tenant.id ?? null,
    memberId: chosen?.memberId ?? null,
    registration: null,
    hasSecondFactor: factor !== null,
    origin,
    isBrowser,
  };
}
