import { Injectable } from '@nestjs/common';

import {
  type ClaimCondition,
  IssuerDirectory,
  IssuerPending,
  scopeOfOwnWork,
  tag,
  type Tenancy,
  TokenInvalid,
  TrustedCache,
  type TrustedIssuer,
  type TrustedKey,
  type UnverifiedToken,
} from '@tenantry/access';
import { ChangeFeed } from '@tenantry/database';
import { Clock, isDoneWithin, isStorable, PLATFORM_ID, type TenantScope } from '@tenantry/kernel';
import { ClaimsRegistry, issuerKey, type RegistrationKey } from './claims-registry.js';
import { Condition, ConditionInvalid } from './condition/condition.js';
import type { Issuer } from './issuer.js';
import { IssuersRepository } from './issuers.repository.js';
import { FetchBudget } from './keys/fetch-budget.js';
import { type KeySet, parseKeySet, type UsableKey } from './keys/key-set.js';
import { keysTrustedUntil, Validator } from './validator.js';

const CACHED_MAX = 10_000;
const UNKNOWN_MAX = 2_000;
const CACHED_FOR_MS = 60_000;
const FIRST_VERDICT_WAIT_MS = 2_000;
const ISSUER_LENGTH_MAX = 2_048;

/** A registration with its keys parsed and its condition compiled: both cost more than verifying. */
interface LoadedIssuer {
  readonly issuer: Issuer;
  readonly keySet: KeySet | null;
  readonly condition: ClaimCondition | null;
}

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

/** What was saved by another version may not compile in this one: then it admits nobody. */
const NOBODY_FITS: ClaimCondition = { admits: () => false };

export function conditionOf({ condition }: Pick<Issuer, 'condition'>): ClaimCondition | null {
  if (condition === null) return null;
  try {
    return Condition.compile(condition);
  } catch (error) {
    if (error instanceof ConditionInvalid) return NOBODY_FITS;
    throw error;
  }
}

/** What a registration says of its tokens, apart from their keys. */
export function trustedBy({
  issuer,
  condition,
}: Pick<LoadedIssuer, 'issuer' | 'condition'>): Omit<TrustedIssuer, 'keyFor'> {
  return {
    id: issuer.id,
    tenancy: tenancyOf(issuer),
    rules: { ...issuer, condition },
    claimNames: issuer.claims,
    admission: issuer,
  };
}

/** The key as the registration lets it be used. */
export function trustedKey(issuer: Issuer, key: UsableKey): TrustedKey {
  const allowed: readonly string[] = issuer.algorithms;
  const algorithms = key.algorithms.filter((algorithm) => allowed.includes(algorithm));
  return { ...key, algorithms, trustedUntil: keysTrustedUntil(issuer) };
}

export function isDistrusted({ distrustedKeys }: Issuer, { thumbprint }: UsableKey): boolean {
  return distrustedKeys.some((distrusted) => distrusted.thumbprint === thumbprint);
}

function tenancyOf({ tenantId, tenantClaim }: Issuer): Tenancy {
  if (tenantId !== PLATFORM_ID) return { kind: 'owner', tenantId };
  if (tenantClaim === null) throw new Error('An issuer of the platform names no tenant claim.');
  return { kind: 'claim', claim: tenantClaim };
}

/** By `kid`; a token without one is held to the only key that it can mean. */
export function pickKey(
  { keys }: KeySet,
  header: UnverifiedToken['header'],
): KeySet['keys'][number] | null {
  const { kid, alg } = header;
  if (kid !== undefined) {
    return typeof kid === 'string' ? (keys.find((key) => key.kid === kid) ?? null) : null;
  }
  const fitting = keys.filter(({ algorithms }) => algorithms.includes(String(alg)));
  return fitting.length === 1 ? (fitting[0] ?? null) : null;
}
