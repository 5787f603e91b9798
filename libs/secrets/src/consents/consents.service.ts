import { Injectable } from '@nestjs/common';

import { type Caller, Granting, PlatformDirectory } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import { Database } from '@tenantry/database';
import { RequestInvalid } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import {
  type Consent,
  consentChanges,
  firstRepetition,
  type GivenConsent,
  type WantedConsent,
} from './consent.js';
import { ConsentAccountUnknown } from './consents.errors.js';
import { ConsentsRepository } from './consents.repository.js';

/** Who gives it away must have it. */
const GIVEN_AWAY: ReadonlySet<string> = new Set(['secrets:reveal']);

/** What shared engines may reveal of a tenant: nothing but what it has consented to. */
@Injectable()
export class ConsentsService {
  constructor(
    private readonly database: Database,
    private readonly consents: ConsentsRepository,
    private readonly platform: PlatformDirectory,
    // More than the usual four: consent is a grant, and on record.
    private readonly granting: Granting,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async list({ scope }: Caller): Promise<GivenConsent[]> {
    return this.consents.list(scope);
  }

  /** Throws `ConsentAccountUnknown`, and what `Granting.assertHolds` throws; to withdraw takes the same. */
  async replace(caller: Caller, wanted: readonly WantedConsent[]): Promise<GivenConsent[]> {
    // First of all: who may not give it learns nothing of who there is.
    await this.granting.assertHolds(caller, caller.scope, GIVEN_AWAY);
    const after = await this.#resolved(wanted, await this.list(caller));
    await this.database.within(caller.scope, async (tx) => {
      await this.granting.assertHolds(caller, tx, GIVEN_AWAY);
      const before = await this.consents.lock(tx);
      const { withdrawn, given } = consentChanges(before, after);
      if (withdrawn.length === 0 && given.length === 0) return;
      const giving = { givenBy: caller.actor.id, createdAt: this.clock.now() };
      await this.consents.delete(tx, withdrawn);
      await this.consents.insert(tx, given, giving);
      this.audit.record(tx, caller, {
        deed: 'secret.consents_changed',
        target: { kind: 'vault', id: tx.tenantId },
        changes: { consents: { before: before.map(told), after: after.map(told) } },
      });
    });
    return this.list(caller);
  }

  /** An account that has a consent already is known, be it suspended: the rest can be sent back as it is. */
  async #resolved(wanted: readonly WantedConsent[], known: readonly Consent[]): Promise<Consent[]> {
    const names = wanted.map(({ serviceAccount }) => serviceAccount);
    const found = await this.platform.findEngines([...new Set(names)]);
    const accounts = [...found.map(({ id, clientId }) => ({ accountId: id, clientId })), ...known];
    const resolved = wanted.map(({ serviceAccount: name, namePrefix }) => {
      const account = accounts.find(
        ({ accountId, clientId }) => accountId === name || clientId === name,
      );
      return account
        ? { accountId: account.accountId, clientId: account.clientId, namePrefix }
        : null;
    });
    const unknown = resolved.flatMap((consent, place) => (consent ? [] : [place]));
    if (unknown.length > 0) throw new ConsentAccountUnknown(unknown);
    const consents = resolved.filter((consent) => consent !== null);
    const repetition = firstRepetition(consents);
    if (repetition === null) return consents;
    throw new RequestInvalid([{ pointer: `/${repetition}`, message: 'is given twice' }]);
  }
}

function told({ accountId, clientId, namePrefix }: Consent): object {
  return { accountId, serviceAccount: clientId, namePrefix };
}
