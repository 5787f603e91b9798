import { isDeepStrictEqual } from 'node:util';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed, type FieldChange } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { assertRevision, type ExpectedRevision } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { rotationDue, type Secret, type SecretChanges } from './secret.js';
import { SecretExpired, SecretNotFound, SecretVersionNotFound } from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';

/** Which secret is meant, and in which revision. */
export interface NamedSecret {
  readonly name: string;
  readonly expected: ExpectedRevision;
}

/** Changes what is said of secrets, and destroys their values. Opens none of them. */
@Injectable()
export class SecretAlterations {
  constructor(
    private readonly database: Database,
    private readonly secrets: SecretsRepository,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  async change(caller: Caller, named: NamedSecret, changes: SecretChanges): Promise<void> {
    await this.#alter(caller, named, async (tx, secret) => {
      if (isAlike(secret, changes)) return null;
      const now = this.clock.now();
      // What has expired is revealed no longer: a new value begins a new life.
      const revives =
        changes.expiresAt !== undefined && secret.expiresAt && secret.expiresAt <= now;
      if (revives) throw new SecretExpired();
      const { rotateAfterDays } = changes;
      const isDue =
        rotateAfterDays === undefined ? undefined : await this.#due(tx, secret, rotateAfterDays);
      const due = isDue === undefined ? {} : { rotationDueAt: isDue };
      await this.secrets.update(tx, secret, { ...changes, ...due }, now);
      return { deed: 'secret.changed', changes: changesOf(secret, changes) };
    });
  }

  /** Destroys every version at once. */
  async remove(caller: Caller, named: NamedSecret): Promise<void> {
    await this.#alter(caller, named, async (tx, secret) => {
      await this.secrets.delete(tx, secret.id);
      return { deed: 'secret.deleted', changes: { version: { before: secret.version } } };
    });
  }

  /** Of a value that is destroyed already, does nothing. */
  async destroyVersion(caller: Caller, named: NamedSecret, version: number): Promise<void> {
    await this.#alter(caller, named, async (tx, secret) => {
      const found = await this.secrets.findVersion(tx, secret.id, version);
      if (!found) throw new SecretVersionNotFound();
      const isNews = await this.secrets.destroyVersion(tx, secret, version, this.clock.now());
      if (!isNews) return null;
      return {
        deed: 'secret.version_destroyed',
        changes: { version: { before: version }, keyId: { before: found.keyId } },
      };
    });
  }

  async #alter(
    caller: Caller,
    { name, expected }: NamedSecret,
    work: (tx: TenantTransaction, secret: Secret) => Promise<Pick<Deed, 'deed' | 'changes'> | null>,
  ): Promise<void> {
    await this.database.within(caller.scope, async (tx) => {
      const secret = await this.secrets.find(tx, name);
      if (!secret) throw new SecretNotFound();
      assertRevision(expected, secret.revision);
      const deed = await work(tx, secret);
      const target = { kind: 'secret', id: secret.id, name };
      if (deed) this.audit.record(tx, caller, { ...deed, target });
    });
  }

  /** Counted from when the current value was saved. */
  async #due(
    tx: TenantTransaction,
    secret: Secret,
    rotateAfterDays: number | null,
  ): Promise<Date | null> {
    const savedAt = await this.secrets.savedAt(tx, secret);
    return rotationDue(savedAt, rotateAfterDays);
  }
}

function isAlike(secret: Secret, changes: SecretChanges): boolean {
  return Object.entries(changes)
    .filter(([, after]) => after !== undefined)
    .every(([field, after]) => isDeepStrictEqual(secret[field as keyof SecretChanges], after));
}

function changesOf(secret: Secret, changes: SecretChanges): Record<string, FieldChange> {
  const told = (value: unknown): unknown => (value instanceof Date ? value.toISOString() : value);
  return Object.fromEntries(
    Object.entries(changes)
      .filter(([, after]) => after !== undefined)
      .map(([field, after]) => [
        field,
        { before: told(secret[field as keyof SecretChanges]), after: told(after) },
      ]),
  );
}
