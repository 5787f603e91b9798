import { Injectable } from '@nestjs/common';

import { Csrf, type PersonMembership, type RequestOrigin } from '@tenantry/access';
import { Clock, DomainError } from '@tenantry/kernel';
import { secondFactorChangedMail } from '@tenantry/mail';
import { SessionTokens } from '../tokens/session-tokens.js';
import { Background } from './background.js';
import { SigninRefused } from './login.errors.js';
import { NewPasswords } from './new-passwords.js';
import { type Claim, PersonProof, type Proof } from './person-proof.js';
import { PreviousSessions } from './previous-sessions.js';
import { SigninRecords } from './signin-records.js';
import { type Opened, SessionOpening } from './session-opening.js';
import { type Choice, TenantChoice } from './tenant-choice.js';

/** Who wants to sign in, where, and how the session is to be held. */
export interface Login extends Claim {
  readonly tenant: string | null | undefined;
  readonly isBrowser: boolean;
  /** The secret of the session cookie that came along, if any. */
  readonly cookie: string | null;
}

/** How a client goes on: by tokens, or as a browser by a cookie. */
export type Held =
  | { readonly by: 'tokens'; readonly accessToken: string; readonly refreshToken: string }
  | { readonly by: 'cookie'; readonly cookie: string; readonly csrfToken: string };

/** A person who is signed in. */
export interface SignedIn {
  readonly held: Held;
  readonly expiresInSeconds: number;
  readonly chosen: PersonMembership | null;
  readonly memberships: readonly PersonMembership[];
}

/** Signs people in. */
@Injectable()
export class Logins {
  constructor(
    private readonly proof: PersonProof,
    private readonly passwords: NewPasswords,
    private readonly choice: TenantChoice,
    private readonly opening: SessionOpening,
    // More than the usual four: every step of a sign-in has its place, and this is their order.
    private readonly previous: PreviousSessions,
    private readonly tokens: SessionTokens,
    private readonly csrf: Csrf,
    private readonly records: SigninRecords,
    private readonly background: Background,
    private readonly clock: Clock,
  ) {}

  /** Throws `SigninRefused`, `SecondFactorNeeded`, `Throttled`, or what the tenant refuses. */
  async signIn(login: Login, origin: RequestOrigin): Promise<SignedIn> {
    return this.proof.show(login, origin.ip, async (proof) => {
      const choice = await this.#choose(proof, login, origin);
      const { password, cookie, isBrowser } = login;
      const opened = await this.opening.open(proof, {
        chosen: choice.chosen,
        origin,
        isBrowser,
        previous: await this.previous.by(cookie),
        renewedHash: await this.passwords.renewed(password, proof.person.passwordHash),
      });
      this.#notify(proof);
      return { ...(await this.#hold(opened)), ...choice };
    });
  }

  async #choose({ person, factor }: Proof, login: Login, origin: RequestOrigin): Promise<Choice> {
    const wanted = { personId: person.id, tenant: login.tenant, hasSecondFactor: factor !== null };
    try {
      return await this.choice.of(wanted);
    } catch (error) {
      if (error instanceof DomainError) await this.records.refused(error, person, origin);
      throw error;
    }
  }

  async #hold({
    session,
    refreshToken,
  }: Opened): Promise<Pick<SignedIn, 'held' | 'expiresInSeconds'>> {
    const { cookie, id, expiresAt } = session;
    if (cookie !== null) {
      const leftMs = expiresAt.getTime() - this.clock.now().getTime();
      return {
        held: { by: 'cookie', cookie, csrfToken: this.csrf.tokenOf(id) },
        expiresInSeconds: Math.floor(leftMs / 1_000),
      };
    }
    const issued = await this.tokens.accessTokenOf(session);
    // The membership or the account went while its session was opened.
    if (!issued || refreshToken === null) throw new SigninRefused();
    const { accessToken, expiresInSeconds } = issued;
    return { held: { by: 'tokens', accessToken, refreshToken }, expiresInSeconds };
  }

  #notify({ person, factor }: Proof): void {
    if (factor?.kind !== 'recovery_code') return;
    const [to, at] = [person.email, this.clock.now()];
    this.background.notify(secondFactorChangedMail({ to, at, change: 'recovery_code_used' }));
  }
}
