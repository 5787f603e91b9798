import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import { type Caller, MemberDirectory, SessionDirectory } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageById,
} from '@tenantry/http';
import { Clock, newId } from '@tenantry/kernel';
import { ClaimsRegistry, isSameClaim } from './claims-registry.js';
import { FirstVerdict } from './first-verdict.js';
import { assertSameKind, assertSponsored } from './guests/guest-check.js';
import { assertSomebody, whoIs } from './guests/second-person.js';
import { type Issuer, type Registration, urlsOf } from './issuer.js';
import type { IssuerOwner } from './issuer-owner.js';
import { IssuerLimitReached } from './issuers.errors.js';
import { IssuersRepository, type IssuerUpdate, type Ownership } from './issuers.repository.js';
import { isSameIdentity } from './ownership.js';
import { Reach } from './reach.js';
import { dueAfterFirstCheck } from './recheck-delay.js';
import { assertNotReserved, RegistrationCheck } from './registration-check.js';
import {
  changedFields,
  endsSessions,
  isSameKeySource,
  registeredFields,
} from './registration-changes.js';
import { SignInClients } from './sign-in/sign-in-clients.js';
import { announceIssuer } from './verdicts.js';

const LIST = 'issuers';
const ISSUERS_MAX = 100;
const CHALLENGE_BYTES = 16;
const UNPROVEN = 'ownership_unproven';
const UNAPPROVED = 'approval_pending';

/** Which page of the issuers is wanted. */
export interface IssuerQuery {
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A change of a registration, and what the caller wants to know of it. */
export interface IssuerChange {
  readonly change: (issuer: Issuer) => Registration;
  readonly expected: ExpectedRevision;
  readonly isAwaited: boolean;
}

/** What the registration of an issuer is, from its beginning to its end. */
@Injectable()
export class IssuersService {
  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly claims: ClaimsRegistry,
    private readonly check: RegistrationCheck,
    private readonly reach: Reach,
    private readonly firstVerdict: FirstVerdict,
    private readonly members: MemberDirectory,
    private readonly sessions: SessionDirectory,
    private readonly signIn: SignInClients,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  /**
   * Registers an issuer. One that a platform admin registers is trusted after its first good
   * check; one that a tenant registers waits until its ownership is proven, and claims nothing. A
   * guest's waits for a second person, whoever registers it, and never claims anything.
   */
  async register(
    { caller, scope }: IssuerOwner,
    registration: Registration,
    isAwaited: boolean,
  ): Promise<Issuer> {
    const id = newId();
    const ownership = this.#ownershipBy(caller, registration);
    const isProven = ownership.ownershipProvenAt !== null;
    await this.database.within(scope, async (tx) => {
      await this.#assertMayTrust(tx, caller, { ...registration, id });
      if ((await this.issuers.count(tx)) >= ISSUERS_MAX) throw new IssuerLimitReached(ISSUERS_MAX);
      await this.issuers.insert(tx, id, registration, {
        ...ownership,
        ...this.#unchecked(isProven, registration),
      });
      await this.#claim(tx, caller, { ...registration, id, isProven });
      await this.issuers.reportHealth(tx);
      this.audit.record(tx, caller, {
        deed: 'issuer.registered',
        target: { kind: 'issuer', id, name: registration.issuer },
        changes: registeredFields(registration),
      });
      announceIssuer(tx, { ...registration, id });
    });
    if (isProven) await this.firstVerdict.of(scope, id, isAwaited);
    return this.issuers.require(scope, id);
  }

  async list({ scope }: IssuerOwner, { limit, cursor }: IssuerQuery): Promise<Page<Issuer>> {
    const wanted = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) => this.issuers.list(scope, stretch));
  }

  async get({ scope }: IssuerOwner, id: string): Promise<Issuer> {
    return this.issuers.require(scope, id);
  }

  /**
   * Changes a registration. Where it is another provider's from then on, its ownership is to be
   * proven anew, and until then its tokens open nothing. A guest's is to be approved anew.
   */
  async change(
    { caller, scope }: IssuerOwner,
    id: string,
    { change, expected, isAwaited }: IssuerChange,
  ): Promise<Issuer> {
    const isNewlyPending = await this.database.within(scope, async (tx) => {
      const issuer = await this.issuers.lock(tx, id);
      assertRevision(expected, issuer.revision);
      const wanted = change(issuer);
      assertSameKind(issuer, wanted);
      const changes = changedFields(issuer, wanted);
      if (Object.keys(changes).length === 0) return false;
      await this.reach.assertGives(caller, tx, issuer);
      await this.#assertMayTrust(tx, caller, { ...wanted, id });
      const applied = await this.#apply(tx, caller, { issuer, wanted });
      if (endsSessions(changes, wanted)) {
        await this.sessions.endOfRegistration(tx, id, 'issuer_changed');
      }
      await this.issuers.reportHealth(tx);
      const target = { kind: 'issuer', id, name: wanted.issuer };
      this.audit.record(tx, caller, { deed: 'issuer.changed', target, changes });
      // By its old URLs too: whoever knows them must look again.
      announceIssuer(tx, issuer);
      announceIssuer(tx, { ...wanted, id });
      return applied.healthState === 'pending' && applied.isProven;
    });
    if (isNewlyPending) await this.firstVerdict.of(scope, id, isAwaited);
    return this.issuers.require(scope, id);
  }

  /** Ends the trust. The claim is held until the longest-lived token has expired. */
  async remove(
    { caller, scope }: IssuerOwner,
    id: string,
    expected: ExpectedRevision,
  ): Promise<void> {
    await this.database.within(scope, async (tx) => {
      const issuer = await this.issuers.lock(tx, id);
      assertRevision(expected, issuer.revision);
      await this.reach.assertAlterable(tx, caller, issuer);
      // Its members go with it. The platform may close a tenant's last door, the tenant may not.
      if (!caller.actor.isPlatform) await this.members.assertAdministeredWithout(tx, id);
      await this.sessions.endOfRegistration(tx, id, 'issuer_removed');
      await this.issuers.delete(tx, id);
      await this.claims.release(tx, id);
      await this.issuers.reportHealth(tx);
      this.audit.record(tx, caller, {
        deed: 'issuer.removed',
        target: { kind: 'issuer', id, name: issuer.issuer },
      });
      announceIssuer(tx, issuer);
    });
  }

  async #assertMayTrust(
    tx: TenantTransaction,
    caller: Caller,
    wanted: Registration & { readonly id: string },
  ): Promise<void> {
    if (wanted.guest) assertSomebody(caller.actor);
    await this.reach.assertGives(caller, tx, wanted);
    await this.check.assertTrustworthy(wanted);
    await assertSponsored(tx, wanted);
    await this.reach.assertReaches(tx, caller, wanted.id);
  }

  /** Writes the change down, with whatever it costs the issuer: its claim, its proof, its health. */
  async #apply(
    tx: TenantTransaction,
    caller: Caller,
    { issuer, wanted }: { readonly issuer: Issuer; readonly wanted: Registration },
  ): Promise<{ readonly healthState: string; readonly isProven: boolean }> {
    const { id } = issuer;
    // What a second person has approved, was approved as it was.
    const isSameOwner = !wanted.guest && isSameIdentity(issuer, wanted);
    const ownership = isSameOwner ? null : this.#ownershipBy(caller, wanted);
    const isProven = (ownership ?? issuer).ownershipProvenAt !== null;
    const isUnchecked = !isSameOwner || !isSameSource(issuer, wanted);
    if (!isSameClaim(issuer, wanted)) {
      await this.claims.release(tx, id);
      await this.#claim(tx, caller, { ...wanted, id, isProven });
    }
    await this.issuers.reconfigure(tx, id, {
      registration: wanted,
      ...ownership,
      ...(isUnchecked ? this.#unchecked(isProven, wanted) : this.#dueAgain(issuer, wanted)),
    });
    // The secret was given for the provider of then: no other one is ever shown it.
    if (issuer.issuer !== wanted.issuer) await this.signIn.forget(tx, caller, issuer);
    return { healthState: isUnchecked ? 'pending' : issuer.healthState, isProven };
  }

  async #claim(
    tx: TenantTransaction,
    caller: Caller,
    registration: Registration & { readonly id: string; readonly isProven: boolean },
  ): Promise<void> {
    const { id, isProven, guest } = registration;
    // Found by whoever names the tenant alone, a guest's tokens may be anybody's else.
    if (guest) return;
    if (!caller.actor.isPlatform) {
      assertNotReserved(registration, await this.claims.ofPlatform(tx, urlsOf(registration)));
    }
    if (isProven) await this.claims.claim(tx, id, registration);
    else await this.claims.assertFree(tx, id, registration);
  }

  /**
   * A platform admin vouches for what it registers; a tenant has to show that it is its own. For a
   * guest nobody vouches alone.
   */
  #ownershipBy(
    { actor }: Caller,
    { guest }: Registration,
  ): Ownership & { readonly registeredBy: string } {
    const isVouchedFor = actor.isPlatform && !guest;
    return {
      registeredBy: whoIs(actor),
      ownershipProvenAt: isVouchedFor ? this.clock.now() : null,
      ownershipMethod: isVouchedFor ? 'platform' : null,
      ownershipChallenge: randomBytes(CHALLENGE_BYTES).toString('hex'),
    };
  }

  /** Nobody looks after an issuer whose trust has ended: with another end, it may be due again. */
  #dueAgain({ notAfter, ownershipProvenAt }: Issuer, wanted: Registration): IssuerUpdate {
    const isSameEnd = notAfter?.getTime() === wanted.notAfter?.getTime();
    const isWatched = ownershipProvenAt !== null && wanted.keySource.kind !== 'inline';
    return isWatched && !isSameEnd ? { nextCheckAt: this.clock.now() } : {};
  }

  /** Nothing is known of its keys yet; of an unproven one nothing is to be found out. */
  #unchecked(isProven: boolean, { guest }: Registration): IssuerUpdate {
    const now = this.clock.now();
    const missing = guest ? UNAPPROVED : UNPROVEN;
    return {
      healthState: 'pending',
      healthReason: isProven ? null : missing,
      healthSince: now,
      nextCheckAt: isProven ? dueAfterFirstCheck(now) : null,
      checksFailed: 0,
    };
  }
}

/** Whether a verdict on the one says anything of the other. */
function isSameSource(one: Registration, other: Registration): boolean {
  return one.issuer === other.issuer && isSameKeySource(one, other);
}
