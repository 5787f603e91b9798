import { Injectable } from '@nestjs/common';

import { Caller, type LiveSession, type RequestOrigin } from '@tenantry/access';
import {
  actorOf,
  AuditTrail,
  type Deed,
  doerOf,
  type KnownActor,
  Refusals,
  TENANTRY,
} from '@tenantry/audit';
import { AppConfig } from '@tenantry/config';
import type { PlatformTransaction } from '@tenantry/database';
import type { DomainError } from '@tenantry/kernel';
import { TokenRecords } from '../oauth/token-records.js';
import type { Person } from '../people/person.js';

type Owner = Pick<Person, 'id' | 'email' | 'displayName'>;

/** Puts what people do with their accounts on record: on their tenant's trail, else on the platform's. */
@Injectable()
export class SigninRecords {
  readonly #issuer: string;

  constructor(
    private readonly audit: AuditTrail,
    private readonly refusals: Refusals,
    private readonly tokens: TokenRecords,
    { publicUrl }: AppConfig,
  ) {
    this.#issuer = publicUrl;
  }

  started(
    tx: PlatformTransaction,
    session: LiveSession,
    { person, origin }: { readonly person: Owner; readonly origin: RequestOrigin },
  ): void {
    const actor = { ...this.tokens.actorOf(session), ...nameOf(person) };
    this.audit.recordUpon(tx, doerOf(actor, origin), session.tenantId, {
      deed: 'session.started',
      target: { kind: 'session', id: session.id },
      changes: { secondFactor: { after: session.hasSecondFactor } },
    });
  }

  ended(
    tx: PlatformTransaction,
    session: LiveSession,
    { reason, origin }: { readonly reason: string; readonly origin: RequestOrigin },
  ): void {
    this.audit.recordUpon(tx, doerOf(this.tokens.actorOf(session), origin), session.tenantId, {
      deed: 'session.ended',
      target: { kind: 'session', id: session.id },
      reason,
    });
  }

  /** A deed of somebody who is signed in. */
  ofCaller(tx: PlatformTransaction, caller: Caller, deed: Deed): void {
    this.audit.recordUpon(tx, caller, caller.tenant?.id ?? null, deed);
  }

  /** A deed of somebody who is not signed in, upon their own account. */
  ofOwner(
    tx: PlatformTransaction,
    owner: Owner,
    { deed, origin }: { readonly deed: `${string}.${string}`; readonly origin: RequestOrigin },
  ): void {
    const doer = doerOf(this.#ownerActor(owner), origin);
    this.audit.recordOnPlatform(tx, doer, { deed, target: personTarget(owner) });
  }

  /** What is done to an account without anybody who is known to own it. */
  ofNobody(tx: PlatformTransaction, owner: Owner, deed: `${string}.${string}`): void {
    this.audit.recordOnPlatform(tx, TENANTRY, { deed, target: personTarget(owner) });
  }

  /** Whose password was right, and who is refused all the same. */
  async refused(error: DomainError, owner: Owner, origin: RequestOrigin): Promise<void> {
    const caller = new Caller(actorOf(this.#ownerActor(owner)), null, origin);
    await this.refusals.note(error, 'POST /v1/login', caller);
  }

  #ownerActor(owner: Owner): KnownActor {
    const { id } = owner;
    return {
      kind: 'person',
      id,
      issuer: this.#issuer,
      subject: id,
      personId: id,
      isPlatform: true,
      ...nameOf(owner),
    };
  }
}

/** A person as what was acted upon. */
export function personTarget({ id, email }: Pick<Owner, 'id' | 'email'>): Deed['target'] {
  return { kind: 'person', id, name: email };
}

function nameOf({ email, displayName }: Owner): Pick<KnownActor, 'email' | 'name'> {
  return { email, name: displayName };
}
