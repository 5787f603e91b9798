import { Injectable } from '@nestjs/common';

import { type Caller, PermissionMissing, SessionDirectory } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageById,
} from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { ClaimsRegistry } from './claims-registry.js';
import { FirstVerdict } from './first-verdict.js';
import { assertSponsored } from './guests/guest-check.js';
import { assertSecondPerson } from './guests/second-person.js';
import { type Issuer, type OwnershipMethod, urlsOf } from './issuer.js';
import type { IssuerOwner } from './issuer-owner.js';
import { IssuerChangedMeanwhile, IssuerNotDisjoint, OwnershipUnproven } from './issuers.errors.js';
import type { IssuerQuery } from './issuers.service.js';
import { IssuersRepository } from './issuers.repository.js';
import { OwnershipProof } from './ownership-proof.js';
import { Reach } from './reach.js';
import { dueAfterFirstCheck } from './recheck-delay.js';
import { Validator } from './validator.js';
import { type VerdictEntry, VerdictLog } from './verdict-log.js';
import { announceIssuer } from './verdicts.js';

const LIST = 'issuer-verdicts';

/** What is done with an issuer besides changing it: switched off and on, looked at, proven. */
@Injectable()
export class IssuerVerbs {
  constructor(
    private readonly database: Database,
    private readonly issuers: IssuersRepository,
    private readonly claims: ClaimsRegistry,
    private readonly validator: Validator,
    private readonly firstVerdict: FirstVerdict,
    private readonly reach: Reach,
    private readonly proof: OwnershipProof,
    private readonly log: VerdictLog,
    private readonly sessions: SessionDirectory,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  /** Refuses the issuer's tokens from now on, on every node; its claim stays. */
  async disable(owner: IssuerOwner, id: string): Promise<Issuer> {
    await this.#setStatus(owner, id, 'disabled');
    return this.issuers.require(owner.scope, id);
  }

  /** Trusts the issuer again, by the keys that are known, and checks it at once: they may be others by now. */
  async enable(owner: IssuerOwner, id: string): Promise<Issuer> {
    await this.#setStatus(owner, id, 'enabled');
    return this.#checked(owner, id);
  }

  /** Checks the issuer now: waits for the check under way, then looks once more. */
  async recheck(owner: IssuerOwner, id: string): Promise<Issuer> {
    const { issuer: name } = await this.issuers.require(owner.scope, id);
    await this.#checked(owner, id);
    await this.database.within(owner.scope, (tx) => {
      const target = { kind: 'issuer', id, name };
      this.audit.record(tx, owner.caller, { deed: 'issuer.rechecked', target });
      return Promise.resolve();
    });
    return this.issuers.require(owner.scope, id);
  }

  /** Shows by a DNS record that the tenant owns the issuer; throws `OwnershipUnproven`. */
  async prove(owner: IssuerOwner, id: string): Promise<Issuer> {
    const issuer = await this.issuers.require(owner.scope, id);
    if (issuer.guest) throw OwnershipUnproven.ofGuest();
    // Outside the transaction: a name server takes its time.
    if (!issuer.ownershipProvenAt) await this.proof.assertShown(issuer);
    return this.#own(owner, issuer, 'dns');
  }

  /** A platform admin vouches that the tenant owns the issuer; a second person, for a guest. */
  async approve(owner: IssuerOwner, id: string, expected: ExpectedRevision): Promise<Issuer> {
    const issuer = await this.issuers.require(owner.scope, id);
    if (!issuer.guest && !owner.caller.actor.permissions.has('platform:write')) {
      throw new PermissionMissing('platform:write');
    }
    assertRevision(expected, issuer.revision);
    return this.#own(owner, issuer, 'approval');
  }

  /** How the last checks ended, newest first. */
  async verdicts(
    { scope }: IssuerOwner,
    id: string,
    { limit, cursor }: IssuerQuery,
  ): Promise<Page<VerdictEntry>> {
    await this.issuers.require(scope, id);
    const wanted = { list: LIST, scope: id, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) =>
      this.log.list(scope, id, { before: stretch.after, limit: stretch.limit }),
    );
  }

  async #setStatus(
    { caller, scope }: IssuerOwner,
    id: string,
    status: Issuer['status'],
  ): Promise<void> {
    await this.database.within(scope, async (tx) => {
      const issuer = await this.issuers.lock(tx, id);
      const isEnabled = status === 'enabled';
      if (isEnabled) {
        await this.reach.assertGives(caller, tx, issuer);
        await this.reach.assertReaches(tx, caller, id);
      } else {
        await this.reach.assertAlterable(tx, caller, issuer);
      }
      if (issuer.status === status) return;
      const isWatched = isEnabled && issuer.ownershipProvenAt !== null;
      await this.issuers.reconfigure(tx, id, {
        status,
        nextCheckAt: isWatched ? dueAfterFirstCheck(this.clock.now()) : null,
      });
      if (!isEnabled) await this.sessions.endOfRegistration(tx, id, 'issuer_disabled');
      await this.issuers.reportHealth(tx);
      this.audit.record(tx, caller, {
        deed: isEnabled ? 'issuer.enabled' : 'issuer.disabled',
        target: { kind: 'issuer', id, name: issuer.issuer },
        changes: { status: { before: issuer.status, after: status } },
      });
      announceIssuer(tx, issuer);
    });
  }

  async #checked({ scope }: IssuerOwner, id: string): Promise<Issuer> {
    const { ownershipProvenAt } = await this.issuers.require(scope, id);
    // Nobody makes us fetch from a host that nobody has shown to be theirs.
    if (ownershipProvenAt) await this.validator.recheck(scope, id);
    return this.issuers.require(scope, id);
  }

  async #own(
    { caller, scope }: IssuerOwner,
    { id, epoch }: Issuer,
    method: OwnershipMethod,
  ): Promise<Issuer> {
    const isNew = await this.database.within(scope, async (tx) => {
      const issuer = await this.issuers.lock(tx, id);
      if (issuer.ownershipProvenAt) return false;
      // What was shown, was shown of the registration as it was read.
      if (issuer.epoch !== epoch) throw new IssuerChangedMeanwhile();
      await this.reach.assertGives(caller, tx, issuer);
      await this.reach.assertReaches(tx, caller, id);
      await (issuer.guest ? assertInvited(tx, caller, issuer) : this.#claim(tx, caller, issuer));
      const ownershipProvenAt = this.clock.now();
      await this.issuers.reconfigure(tx, id, {
        ownershipProvenAt,
        ownershipMethod: method,
        healthReason: null,
        nextCheckAt: dueAfterFirstCheck(ownershipProvenAt),
      });
      this.audit.record(tx, caller, {
        ...deedOf(issuer, method),
        target: { kind: 'issuer', id, name: issuer.issuer },
      });
      announceIssuer(tx, issuer);
      return true;
    });
    if (isNew) await this.firstVerdict.of(scope, id, true);
    return this.issuers.require(scope, id);
  }

  async #claim(tx: TenantTransaction, { actor }: Caller, issuer: Issuer): Promise<void> {
    const isReserved = (await this.claims.ofPlatform(tx, urlsOf(issuer))).length > 0;
    // The platform may have registered it for all of its tenants meanwhile.
    if (isReserved && !actor.isPlatform) throw new IssuerNotDisjoint();
    await this.claims.claim(tx, issuer.id, issuer);
  }
}

/** Two people of whom none can do it alone, and a sponsor who is still there. */
async function assertInvited(
  tx: TenantTransaction,
  { actor }: Caller,
  issuer: Issuer,
): Promise<void> {
  assertSecondPerson(actor, issuer);
  await assertSponsored(tx, issuer);
}

/** What was approved of a guest stands on record beside who approved it. */
function deedOf(
  { guest, registeredBy }: Issuer,
  method: OwnershipMethod,
): Pick<Deed, 'deed' | 'changes'> {
  if (!guest) return { deed: DEEDS[method] };
  return {
    deed: 'issuer.guest_approved',
    changes: { guest: { after: guest }, registeredBy: { after: registeredBy } },
  };
}

const DEEDS: Record<OwnershipMethod, Deed['deed']> = {
  platform: 'issuer.approved',
  approval: 'issuer.approved',
  dns: 'issuer.proven',
};
