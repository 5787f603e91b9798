import { Injectable } from '@nestjs/common';

import { AddressThrottle, networkOf } from '@tenantry/access';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { Clock, foldEmail } from '@tenantry/kernel';
import { PasswordHasher } from '../passwords/password-hasher.js';
import { PeopleRepository } from '../people/people.repository.js';
import type { Person } from '../people/person.js';
import { Attempts } from './attempts.js';
import { CodeGuesses } from './code-guesses.js';
import { SigninRefused } from './login.errors.js';
import { SecondFactors, type ShownFactor } from './second-factors.js';
import { SuccessThrottle } from './success-throttle.js';

const KNOWN_PLACES_MS = 90 * 86_400_000;

/** What somebody shows to be taken for the owner of an account. */
export interface Claim {
  readonly email: string;
  readonly password: string;
  /** The code of the second factor, where the account has one. */
  readonly code: string | undefined;
  /** Where only the password is asked for: the caller is signed in already. */
  readonly isPasswordEnough?: boolean;
}

/** A claim that is right. */
export interface Proof {
  readonly person: Person;
  readonly factor: ShownFactor | null;
}

/**
 * Has people show that an account is theirs, and whoever guesses wait.
 *
 * Everything that can be wrong is refused alike, after the same work: one look at the accounts, one
 * count, one hash.
 */
@Injectable()
export class PersonProof {
  constructor(
    private readonly people: PeopleRepository,
    private readonly attempts: Attempts,
    private readonly throttle: AddressThrottle,
    private readonly hasher: PasswordHasher,
    // More than the usual four: what a proof takes, and where it is kept.
    private readonly factors: SecondFactors,
    private readonly codes: CodeGuesses,
    private readonly successes: SuccessThrottle,
    private readonly database: Database,
    private readonly clock: Clock,
  ) {}

  /**
   * Runs `use` with the proof. It stands in a transaction by `uphold`, and a `SigninRefused` that
   * `use` throws counts as a wrong guess. Throws `SigninRefused`, `SecondFactorNeeded`, `Throttled`.
   */
  async show<Result>(
    claim: Claim,
    ip: string,
    use: (proof: Proof) => Promise<Result>,
  ): Promise<Result> {
    return this.guess(claim.email, ip, async (person) => use(await this.#proofOf(claim, person)));
  }

  /** The same where nothing is done with it but to know: the second factor is used up at once. */
  async showNow(claim: Claim, ip: string): Promise<void> {
    await this.show(claim, ip, (proof) =>
      this.database.acrossTenants('person-proof', (tx) => this.uphold(tx, proof)),
    );
  }

  /** Holds the account as it was proven until the transaction ends, and uses its second factor up. */
  async uphold(tx: PlatformTransaction, { person, factor }: Proof): Promise<void> {
    // Or whoever knew the old password would come in while it is being changed.
    const isHeld = await this.people.lockWithHash(tx, person.id, person.passwordHash);
    if (!isHeld) throw new SigninRefused();
    await this.factors.use(tx, person.id, factor);
  }

  /** Runs `work`, which throws `SigninRefused` for a wrong guess at something of that account. */
  async guess<Result>(
    email: string,
    ip: string,
    work: (person: Person | null) => Promise<Result>,
  ): Promise<Result> {
    return this.throttle.attempt('secret', ip, async () => {
      const since = new Date(this.clock.now().getTime() - KNOWN_PLACES_MS);
      const known = await this.people.findForSignIn(email, since);
      const network = networkOf(ip);
      const isKnownPlace = known?.ips.some((place) => networkOf(place) === network) ?? false;
      return this.attempts.count({ email, ip, isKnownPlace }, () => work(known));
    });
  }

  async #proofOf(claim: Claim, person: Person | null): Promise<Proof> {
    // By the address, which a stranger's account has too: whether there is one is told to nobody.
    const isRight = await this.successes.countIf('password', foldEmail(claim.email), () =>
      this.hasher.matches(claim.password, person?.passwordHash ?? null),
    );
    if (!person || !isRight) throw new SigninRefused();
    const factor = claim.isPasswordEnough ? null : await this.codes.check(person, claim.code);
    return { person, factor };
  }
}
