import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { assertRevision, type ExpectedRevision, RevisionStale } from '@tenantry/http';
import { Clock, newId } from '@tenantry/kernel';
import { DataKeyEnded, DataKeys, type StoredDataKey } from './keys/data-keys.js';
import { contextOf } from './sealing-context.js';
import { rotationDue, type Secret } from './secret.js';
import type { PlainValue } from './secret-value.js';
import { SecretExists, SecretLimitReached } from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';

const SECRETS_MAX = 10_000;
/** A key may be replaced, and a name taken, while a value is being sealed; not again and again. */
const ATTEMPTS_MAX = 5;

/** A value to be saved, and what is said of it; what is left out stays as it was. */
export interface NewVersion {
  readonly value: PlainValue;
  /** `null`: this value does not expire. */
  readonly expiresAt: Date | null;
  readonly labels?: Readonly<Record<string, string>>;
  readonly rotateAfterDays?: number | null;
  /** The version whose value this is, where it is an older one. */
  readonly restoredFrom?: number;
}

/** What must hold of the secret before it is written. */
export interface SaveCondition {
  readonly expected: ExpectedRevision;
  /** Whether there must be none yet. */
  readonly isNew: boolean;
}

/** Makes the new version of a secret that is locked; of none, its first. */
export type VersionSource = (tx: TenantTransaction, secret: Secret | null) => Promise<NewVersion>;

export interface Saved {
  readonly secret: Secret;
  readonly isCreated: boolean;
}

/** Seals values, and keeps them as versions. */
@Injectable()
export class SecretSaving {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretsRepository,
    private readonly keys: DataKeys,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /** Throws `SecretExists`, `RevisionStale`, `SecretLimitReached`, `VaultSealed`, or what `source` throws. */
  async save(
    caller: Caller,
    name: string,
    condition: SaveCondition,
    source: VersionSource,
  ): Promise<Saved> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const key = await this.#keyAtHand(caller);
      if (!key) continue;
      const saved = await this.database.within(caller.scope, async (tx) => {
        const { secret, isHeld } = await this.secrets.lock(tx, name, key.id);
        if (!isHeld) return null;
        await this.#assertSavable(tx, secret, condition);
        return this.#write(tx, { caller, name, key }, secret, await source(tx, secret));
      });
      if (saved) return saved;
    }
    throw new Error('A value could not be saved: its key or its name was taken away each time.');
  }

  /** Had before anything is locked: the key service may take its time. Null: it has ended meanwhile. */
  async #keyAtHand(caller: Caller): Promise<StoredDataKey | null> {
    const key = await this.keys.active(caller.scope, caller);
    try {
      await this.keys.warm(caller.scope.tenantId, key);
      return key;
    } catch (error) {
      if (error instanceof DataKeyEnded) return null;
      throw error;
    }
  }

  async #assertSavable(
    tx: TenantTransaction,
    secret: Secret | null,
    { expected, isNew }: SaveCondition,
  ): Promise<void> {
    if (secret) {
      if (isNew) throw new SecretExists();
      assertRevision(expected, secret.revision);
      return;
    }
    // RFC 9110 §13.1.1: of nothing, no revision is the current one.
    if (expected !== null) throw new RevisionStale();
    if ((await this.secrets.count(tx, SECRETS_MAX)) >= SECRETS_MAX) throw new SecretLimitReached();
  }

  async #write(
    tx: TenantTransaction,
    {
      caller,
      name,
      key,
    }: { readonly caller: Caller; readonly name: string; readonly key: StoredDataKey },
    before: Secret | null,
    given: NewVersion,
  ): Promise<Saved | null> {
    const { tenantId } = tx;
    const { value, expiresAt, restoredFrom = null } = given;
    const { encoding, bytes } = value;
    const id = before?.id ?? newId();
    const version = (before?.version ?? 0) + 1;
    const { rotateAfterDays = before?.rotateAfterDays ?? null } = given;
    const context = contextOf({ tenantId, secretId: id, name, version, encoding });
    const sealed = this.keys.usingHeld(tenantId, key.id, (sealing) => sealing.seal(bytes, context));
    if (!sealed) return null;
    const saved = await this.secrets.save(tx, {
      ...{ id, name, version, encoding, expiresAt, restoredFrom, rotateAfterDays },
      labels: given.labels ?? before?.labels ?? {},
      rotationDueAt: rotationDue(this.clock.now(), rotateAfterDays),
      keyId: key.id,
      sealed: sealed.result,
      createdBy: caller.actor.id,
    });
    if (!saved) return null;
    const { prunedVersion, ...secret } = saved;
    const how = { keyId: key.id, restoredFrom, prunedVersion };
    this.audit.record(tx, caller, deedOf(before, secret, how));
    return { secret, isCreated: before === null };
  }
}

function deedOf(
  before: Secret | null,
  after: Secret,
  {
    keyId,
    restoredFrom,
    prunedVersion,
  }: {
    readonly keyId: string;
    readonly restoredFrom: number | null;
    /** The version that had to make room. */
    readonly prunedVersion: number | null;
  },
): Deed {
  const expiry = ({ expiresAt }: Secret): string | null => expiresAt?.toISOString() ?? null;
  return {
    deed: restoredFrom === null ? 'secret.saved' : 'secret.rolled_back',
    target: { kind: 'secret', id: after.id, name: after.name },
    changes: {
      version: { before: before?.version ?? null, after: after.version },
      keyId: { after: keyId },
      labels: { before: before?.labels ?? null, after: after.labels },
      expiresAt: { before: before && expiry(before), after: expiry(after) },
      rotateAfterDays: { before: before?.rotateAfterDays ?? null, after: after.rotateAfterDays },
      ...(restoredFrom === null ? {} : { restoredFrom: { after: restoredFrom } }),
      ...(prunedVersion === null ? {} : { destroyedVersion: { before: prunedVersion } }),
    },
  };
}
