import { Injectable } from '@nestjs/common';

import {
  MemberDirectory,
  PermissionMissing,
  RoleDirectory,
  TenantDirectory,
  Throttled,
} from '@tenantry/access';
import { Clock, PLATFORM_ID } from '@tenantry/kernel';
import type { Issuer, Registration } from '../issuer.js';
import type { IssuerOwner } from '../issuer-owner.js';
import { IssuersRepository } from '../issuers.repository.js';
import { type BudgetSize, FetchBudget } from '../keys/fetch-budget.js';
import { Candidates } from './candidate.js';
import { type Diagnosis, diagnosisOf } from './diagnosis.js';
import { entryOf } from './entry.js';
import { examine } from './examination.js';
import { KnownUrls } from './known-urls.js';

const REGISTRATIONS_MAX = 100;
const DIAGNOSES: BudgetSize = { burst: 30, refillMs: 2_000 };
/** Each has us ask a server that nobody has shown to be theirs. */
const CANDIDATE_FETCHES: BudgetSize = { burst: 5, refillMs: 10_000 };

/** What somebody wants to know. */
export interface Complaint {
  readonly token: string;
  readonly candidate: Registration | null;
}

/**
 * Says what the guard would do with a token, and why. Grants nothing, writes nothing, keeps the
 * token nowhere, and knows the registrations of the tenant that asks alone: a token of another
 * tenant's issuer is to it one of an issuer that nobody registered.
 */
@Injectable()
export class TokenDoctor {
  readonly #diagnoses: FetchBudget;
  readonly #candidateFetches: FetchBudget;

  constructor(
    private readonly issuers: IssuersRepository,
    private readonly candidates: Candidates,
    private readonly members: MemberDirectory,
    private readonly roles: RoleDirectory,
    private readonly tenants: TenantDirectory,
    private readonly urls: KnownUrls,
    private readonly clock: Clock,
  ) {
    this.#diagnoses = new FetchBudget(clock, DIAGNOSES);
    this.#candidateFetches = new FetchBudget(clock, CANDIDATE_FETCHES);
  }

  async diagnose(owner: IssuerOwner, { token, candidate }: Complaint): Promise<Diagnosis> {
    // The answer tells who is a member, also of whom a candidate's own keys have named.
    if (!owner.caller.actor.permissions.has('members:read')) {
      throw new PermissionMissing('members:read');
    }
    const { tenantId } = owner.scope;
    spend(this.#diagnoses, tenantId, DIAGNOSES);
    const exam = await examine({
      token,
      registrations: await this.issuers.list(owner.scope, {
        after: null,
        limit: REGISTRATIONS_MAX,
      }),
      candidate: candidate && (await this.#issuerOf(owner, candidate)),
      now: this.clock.now(),
    });
    const entry = await entryOf(exam, {
      members: this.members,
      roles: this.roles,
      tenants: this.tenants,
      tenantId: tenantId === PLATFORM_ID ? null : tenantId,
    });
    // That a URL is one of the platform is no secret; anything else of other registrations is.
    const owners = await this.urls.of(owner.scope, exam.read?.claims['iss']);
    return diagnosisOf(exam, entry, owners);
  }

  async #issuerOf(owner: IssuerOwner, candidate: Registration): Promise<Issuer> {
    await this.candidates.assertRegistrable(owner, candidate);
    if (candidate.keySource.kind !== 'inline') {
      spend(this.#candidateFetches, owner.scope.tenantId, CANDIDATE_FETCHES);
    }
    return this.candidates.issuerOf(owner, candidate);
  }
}

function spend(budget: FetchBudget, id: string, { refillMs }: BudgetSize): void {
  if (!budget.take(id)) throw new Throttled(refillMs / 1_000);
}
