import type { Actor, RequestOrigin } from '@tenantry/access';
import { newId } from '@tenantry/kernel';
import { type Commitments, Committing } from './commitment.js';
import { type Deed, type Doer, type FieldChange, type Outcome, TENANTRY } from './deed.js';

/** Version of the record's form: a reader of years from now must know what it reads. */
const RECORD_VERSION = 2;

/** Fields whose values are personal, wherever they stand among the changes. */
const PERSONAL_FIELDS = new Set(['email', 'name']);
/** Of a person's kinds of target also the display name; a tenant's is not personal. */
const PERSONAL_TARGETS = new Set(['member', 'person', 'invitation']);

/**
 * A record as it is stored, and as it is hashed; its place on the trail and its time are the chain's.
 *
 * Personal fields stand in it as salted commitments; their values lie beside it and can be erased
 * without breaking anything.
 */
export interface StoredRecord {
  readonly v: number;
  readonly id: string;
  readonly deed: string;
  readonly outcome: Outcome;
  readonly actor: Readonly<Record<string, unknown>>;
  readonly target: { readonly kind: string; readonly id: string; readonly name: string | null };
  readonly tenantId: string | null;
  readonly requestId: string | null;
  readonly ip: string | null;
  readonly userAgent: string | null;
  readonly changes: Readonly<Record<string, FieldChange>>;
  readonly reason: string | null;
  /** How many alike this record stands for. */
  readonly count: number;
}

export interface RecordContext {
  readonly doer: Doer;
  readonly outcome: Outcome;
  readonly tenantId: string | null;
  readonly count?: number;
}

/** Makes a record of a deed, and the personal values that lie beside it. */
export function recordOf(
  deed: Deed,
  { doer, outcome, tenantId, count = 1 }: RecordContext,
): { readonly record: StoredRecord; readonly personal: Commitments } {
  const committing = new Committing();
  const origin = doer === TENANTRY ? null : doer.origin;
  const record: StoredRecord = {
    v: RECORD_VERSION,
    id: newId(),
    deed: deed.deed,
    outcome,
    actor: doer === TENANTRY ? { kind: 'system', id: 'tenantry' } : actorOf(doer.actor, committing),
    target: {
      kind: deed.target.kind,
      id: deed.target.id,
      name: committing.commit('/target/name', deed.target.name),
    },
    tenantId,
    ...originOf(origin, committing),
    changes: changesOf(deed, committing),
    reason: deed.reason ?? null,
    count,
  };
  return { record, personal: committing.values };
}

function actorOf(actor: Actor, committing: Committing): StoredRecord['actor'] {
  return {
    kind: actor.kind,
    id: actor.id,
    issuer: actor.issuer,
    // Some providers make an e-mail address of it.
    subject: committing.commit('/actor/subject', actor.subject),
    keyId: actor.keyId,
    sessionId: actor.sessionId,
    isPlatform: actor.isPlatform,
    email: committing.commit('/actor/email', actor.email),
    name: committing.commit('/actor/name', actor.name),
  };
}

function originOf(
  origin: RequestOrigin | null,
  committing: Committing,
): Pick<StoredRecord, 'requestId' | 'ip' | 'userAgent'> {
  return {
    requestId: origin?.requestId ?? null,
    ip: committing.commit('/ip', origin?.ip),
    userAgent: committing.commit('/userAgent', origin?.userAgent),
  };
}

function changesOf(
  { target, changes = {} }: Deed,
  committing: Committing,
): StoredRecord['changes'] {
  const isPersonal = (field: string): boolean =>
    PERSONAL_FIELDS.has(field) || (PERSONAL_TARGETS.has(target.kind) && field === 'displayName');
  return Object.fromEntries(
    Object.entries(changes).map(([field, change]) => [
      field,
      isPersonal(field) ? committed(field, change, committing) : change,
    ]),
  );
}

function committed(field: string, change: FieldChange, committing: Committing): FieldChange {
  return Object.fromEntries(
    Object.entries(change).map(([side, value]) => [
      side,
      committing.commit(`/changes/${field}/${side}`, value as string | null | undefined),
    ]),
  );
}
