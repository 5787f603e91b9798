import { Injectable } from '@nestjs/common';

import { RoleUnknown } from '@tenantry/access';
import { Clock, type FieldError, newId } from '@tenantry/kernel';
import { type Issuer, type Registration, urlsOf } from '../issuer.js';
import type { IssuerOwner } from '../issuer-owner.js';
import { RegistrationInvalid } from '../issuers.errors.js';
import { KeyFetcher, type KeyVerdict } from '../keys/key-fetcher.js';
import { Reach } from '../reach.js';
import { assertNotReserved, RegistrationCheck } from '../registration-check.js';
import { KnownUrls } from './known-urls.js';

/** Makes of a registration that does not exist yet what would become of it. Saves nothing. */
@Injectable()
export class Candidates {
  constructor(
    private readonly urls: KnownUrls,
    private readonly check: RegistrationCheck,
    private readonly reach: Reach,
    private readonly keys: KeyFetcher,
    private readonly clock: Clock,
  ) {}

  /** Refuses what could not be registered, in the words of a registration; asks nobody else. */
  async assertRegistrable(owner: IssuerOwner, registration: Registration): Promise<void> {
    try {
      await this.reach.assertGives(owner.caller, owner.scope, registration);
      await this.check.assertTrustworthy(registration);
      await this.#assertNotOfPlatform(owner, registration);
    } catch (error) {
      throw withinCandidate(error);
    }
  }

  /** The issuer as it would be once its ownership is known and its keys have been looked at, once. */
  async issuerOf({ scope }: IssuerOwner, registration: Registration): Promise<Issuer> {
    const verdict = await this.keys.look(registration.issuer, registration.keySource);
    const now = this.clock.now();
    return {
      ...registration,
      ...healthAfter(verdict, now),
      id: newId(),
      tenantId: scope.tenantId,
      status: 'enabled',
      healthSince: now,
      lastCheckedAt: now,
      nextCheckAt: null,
      ownershipProvenAt: now,
      ownershipMethod: null,
      ownershipChallenge: '',
      epoch: 1,
      checkSettled: 0,
      checksFailed: 0,
      distrustedKeys: [],
      registeredBy: null,
      signInClientId: null,
      signInClientSecret: null,
      revision: 1,
      createdAt: now,
      updatedAt: now,
    };
  }

  async #assertNotOfPlatform(
    { caller, scope }: IssuerOwner,
    candidate: Registration,
  ): Promise<void> {
    if (caller.actor.isPlatform) return;
    assertNotReserved(candidate, await this.urls.ofPlatform(scope, urlsOf(candidate)));
  }
}

function healthAfter(
  verdict: KeyVerdict,
  now: Date,
): Pick<Issuer, 'healthState' | 'healthReason' | 'keySet' | 'keySetConfirmedAt'> {
  return verdict.verdict === 'ok'
    ? {
        healthState: 'healthy',
        healthReason: null,
        keySet: verdict.published,
        keySetConfirmedAt: now,
      }
    : {
        healthState: 'disabled',
        healthReason: verdict.reason,
        keySet: null,
        keySetConfirmedAt: null,
      };
}

/** The same refusal, of a field that stands one level deeper. */
function withinCandidate(error: unknown): unknown {
  if (error instanceof RegistrationInvalid) {
    const [field = NOWHERE] = error.errors;
    return new RegistrationInvalid(error.code, deeper(field));
  }
  if (!(error instanceof RoleUnknown)) return error;
  const [field = NOWHERE] = error.errors;
  return new RoleUnknown(deeper(field));
}

const NOWHERE: FieldError = { pointer: '', message: 'cannot be registered' };

function deeper({ pointer, message }: FieldError): FieldError {
  return { pointer: `/candidate${pointer}`, message };
}
