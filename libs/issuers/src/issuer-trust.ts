import { Injectable } from '@nestjs/common';

import {
  IssuerDirectory,
  IssuerPending,
  scopeOfOwnWork,
  type SessionRegistration,
  type SignInClient,
  tag,
  TokenInvalid,
  TrustedCache,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
  type Vouching,
} from '@tenantry/access';
import { Sealer } from '@tenantry/crypto';
import { ChangeFeed } from '@tenantry/database';
import { Clock, isDoneWithin, isStorable, isUuid, type TenantScope } from '@tenantry/kernel';
import { ClaimsRegistry, issuerKey, type RegistrationKey } from './claims-registry.js';
import { audiencesOf, isExact } from './doctor/registration-choice.js';
import { subjectMatches } from './guests/subject-pattern.js';
import { isServing } from './issuer.js';
import {
  admissionBy,
  conditionOf,
  isDistrusted,
  isInvited,
  type LoadedIssuer,
  pickKey,
  trustedBy,
  trustedKey,
  wholeCondition,
} from './issuer-rules.js';
import { IssuersRepository } from './issuers.repository.js';
import { FetchBudget } from './keys/fetch-budget.js';
import { parseKeySet } from './keys/key-set.js';
import { maySignIn } from './sign-in/sign-in-clients.js';
import { openSecret } from './sign-in/sign-in-secret.js';
import { keysTrustedUntil, Validator } from './validator.js';

const CACHED_MAX = 10_000;
const UNKNOWN_MAX = 2_000;
const CACHED_FOR_MS = 60_000;
const FIRST_VERDICT_WAIT_MS = 2_000;
const ISSUER_LENGTH_MAX = 2_048;

const NOBODY = {};

/** Finds whose rules a token is held to, and the key that it must be signed with. */
@Injectable()
export class IssuerTrust extends IssuerDirectory {
  readonly #loaded: TrustedCache<LoadedIssuer>;
  /** Issuers that nobody registered: a small cache of their own, so that junk evicts only junk. */
  readonly #unknown: TrustedCache<object>;
  readonly #budget: FetchBudget;

  constructor(
    private readonly claims: ClaimsRegistry,
    private readonly issuers: IssuersRepository,
    private readonly validator: Validator,
    private readonly feed: ChangeFeed,
    private readonly clock: Clock,
    private readonly sealer: Sealer,
  ) {
    super();
    this.#loaded = new TrustedCache(feed, clock, CACHED_MAX);
    this.#unknown = new TrustedCache(feed, clock, UNKNOWN_MAX);
    this.#budget = new FetchBudget(clock);
  }

  async find(token: UnverifiedToken): Promise<TrustedIssuer | null> {
    const key = await this.#registrationOf(token);
    if (!key) return null;
    const scope = scopeOfOwnWork(key.tenantId);
    const loaded = await this.#settled(scope, key.registrationId);
    if (!loaded) return null;
    const { issuer } = loaded;
    if (issuer.status === 'disabled' || issuer.healthState === 'disabled') {
      throw new TokenInvalid('issuer_disabled');
    }
    if (issuer.healthState === 'pending') throw new IssuerPending();
    return this.#trustedIssuer(scope, loaded);
  }

  async findGuest(token: UnverifiedToken, tenantId: string): Promise<TrustedIssuer | null> {
    const { claims } = token;
    const { iss } = claims;
    const audiences = audiencesOf(claims);
    if (!isStorable(iss) || iss.length > ISSUER_LENGTH_MAX || audiences.length === 0) return null;
    const scope = scopeOfOwnWork(tenantId);
    const ids = await this.issuers.guestsOf(scope, { iss, audiences });
    const found = await Promise.all(ids.map((id) => this.#serving(scope, id)));
    const takers = found
      .filter((loaded) => loaded !== null)
      .filter(({ issuer }) => isExact(issuer, claims) && isInvited(issuer, claims));
    const [only] = takers;
    if (takers.length !== 1 || !only) return null;
    // What was looked at unverified is looked at again once the signature holds.
    return this.#trustedIssuer(scope, { ...only, condition: wholeCondition(only) });
  }

  /**
   * A key that its issuer has rotated away does not end the sessions that it signed for: they were
   * good when they began. One that was distrusted does.
   */
  async stillVouching(registration: SessionRegistration): Promise<Vouching | null> {
    const { id, ownerId, keyThumbprint, subject } = registration;
    const loaded = await this.#serving(scopeOfOwnWork(ownerId), id);
    if (!loaded) return null;
    const { issuer } = loaded;
    const { guest, notAfter } = issuer;
    if (keyThumbprint !== null && isDistrusted(issuer, { thumbprint: keyThumbprint })) return null;
    // Approved anew for others, it does not bring back whom it was for before.
    if (guest && !subjectMatches(guest.subject, subject)) return null;
    return { rules: admissionBy(issuer), trustedUntil: notAfter };
  }

  async signInClient(tenantId: string, registrationId: string): Promise<SignInClient | null> {
    if (!isUuid(registrationId)) return null;
    const scope = scopeOfOwnWork(tenantId);
    const loaded = await this.#serving(scope, registrationId);
    if (!loaded || !maySignIn(loaded.issuer)) return null;
    const { issuer, signInClientId: clientId } = loaded.issuer;
    if (clientId === null) return null;
    // The client stands in for the audience; the discriminator holds as it does for tokens.
    const condition = wholeCondition(loaded);
    const { rules, ...trusted } = this.#trustedIssuer(scope, loaded);
    return {
      issuer,
      clientId,
      clientSecret: openSecret(this.sealer, loaded.issuer),
      trusted: { ...trusted, rules: { ...rules, audiences: [clientId], condition } },
    };
  }

  /** The registration of this very owner, while its tokens open anything. */
  async #serving(scope: TenantScope, id: string): Promise<LoadedIssuer | null> {
    const loaded = await this.#load(scope, id);
    // What is cached is known by its id alone, whoever asked for it.
    if (loaded?.issuer.tenantId !== scope.tenantId) return null;
    return isServing(loaded.issuer, this.clock.now()) ? loaded : null;
  }

  /** Exactly one registration, or none: a token that fits two is refused. */
  async #registrationOf({ claims }: UnverifiedToken): Promise<RegistrationKey | null> {
    const { iss } = claims;
    if (!isStorable(iss) || iss.length > ISSUER_LENGTH_MAX) return null;
    const name = issuerKey(iss);
    if (this.#unknown.get(name)) return null;
    const asOf = this.feed.revision;
    const found = await this.claims.find(claims);
    if (found.length === 0 && !(await this.claims.isKnown(iss))) {
      this.#unknown.set(name, NOBODY, { tags: [tag('issuer', name)], ttlMs: CACHED_FOR_MS, asOf });
    }
    const [only] = found;
    return found.length === 1 && only ? only : null;
  }

  /** The issuer with a verdict: a token is often faster than the first check. */
  async #settled(scope: TenantScope, id: string): Promise<LoadedIssuer | null> {
    const loaded = await this.#load(scope, id);
    if (loaded?.issuer.healthState !== 'pending' || loaded.issuer.status === 'disabled') {
      return loaded;
    }
    await isDoneWithin(FIRST_VERDICT_WAIT_MS, this.#look(scope, id));
    return this.#load(scope, id);
  }

  /** One look, however many ask: only a new one is taken from what strangers may cost the issuer. */
  async #look(scope: TenantScope, id: string): Promise<void> {
    if (this.validator.isChecking(id) || this.#budget.take(id)) {
      await this.validator.check(scope, id);
    }
  }

  async #load(scope: TenantScope, id: string): Promise<LoadedIssuer | null> {
    return this.#loaded.getOrLoad(id, async () => {
      const issuer = await this.issuers.get(scope, id);
      if (!issuer) return null;
      const keySet = issuer.keySet ? await parseKeySet(issuer.keySet) : null;
      return {
        value: { issuer, keySet, condition: conditionOf(issuer) },
        tags: [tag('issuer', id)],
        ttlMs: CACHED_FOR_MS,
      };
    });
  }

  #trustedIssuer(scope: TenantScope, loaded: LoadedIssuer): TrustedIssuer {
    return {
      ...trustedBy(loaded),
      keyFor: (token) => this.#keyFor(scope, loaded, token),
    };
  }

  async #keyFor(
    scope: TenantScope,
    loaded: LoadedIssuer,
    token: UnverifiedToken,
  ): Promise<TrustedKey | null> {
    const key = this.#pick(loaded, token);
    if (key ?? loaded.issuer.keySource.kind === 'inline') return key;
    await this.#look(scope, loaded.issuer.id);
    const renewed = await this.#load(scope, loaded.issuer.id);
    return renewed && this.#pick(renewed, token);
  }

  #pick({ issuer, keySet }: LoadedIssuer, { header }: UnverifiedToken): TrustedKey | null {
    const trustedUntil = keysTrustedUntil(issuer);
    if (!keySet || (trustedUntil && this.clock.now() >= trustedUntil)) return null;
    const key = pickKey(keySet, header);
    if (!key) return null;
    // Known, and refused: asking the issuer again would not change that.
    if (isDistrusted(issuer, key)) throw new TokenInvalid('key_distrusted');
    return trustedKey(issuer, key);
  }
}
