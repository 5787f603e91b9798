import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import type { ExpectedRevision } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { DataKeyEnded, DataKeys } from './keys/data-keys.js';
import { type NewVersion, SecretSaving } from './saving.js';
import { contextOf } from './sealing-context.js';
import type { Secret } from './secret.js';
import {
  SecretDestroyed,
  SecretExpired,
  SecretNotFound,
  SecretVersionNotFound,
  VaultSealed,
} from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';

const RETRY_AFTER_SECONDS = 1;

/** Brings an older value back, as a new version: what was current in between stays on record. */
@Injectable()
export class Rollback {
  constructor(
    private readonly secrets: SecretsRepository,
    private readonly saving: SecretSaving,
    private readonly keys: DataKeys,
    private readonly clock: Clock,
  ) {}

  /** Throws the refusals of a version that has no value, and those of saving. */
  async rollBack(
    caller: Caller,
    name: string,
    version: number,
    expected: ExpectedRevision,
  ): Promise<Secret> {
    await this.#warm(caller, name, version);
    const condition = { expected, isNew: false };
    const { secret } = await this.saving.save(caller, name, condition, async (tx, known) => {
      if (!known) throw new SecretNotFound();
      return this.#restored(tx, known, version);
    });
    return secret;
  }

  /** Before anything is locked: the key service may take its time. */
  async #warm({ scope }: Caller, name: string, version: number): Promise<void> {
    const found = await this.secrets.peekVersion(scope, name, version);
    if (!found?.wrapped || !found.sealed) return;
    const { keyId: id, kekId, wrapped } = found;
    await this.keys.warm(scope.tenantId, { id, kekId, wrapped }).catch((error: unknown) => {
      // What has become of it meanwhile is found out under the lock.
      if (!(error instanceof DataKeyEnded)) throw error;
    });
  }

  async #restored(
    tx: TenantTransaction,
    { id: secretId, name }: Secret,
    version: number,
  ): Promise<NewVersion> {
    const { tenantId } = tx;
    const found = await this.secrets.findVersion(tx, secretId, version);
    if (!found) throw new SecretVersionNotFound();
    const { sealed, wrapped, encoding, expiresAt, keyId } = found;
    if (!sealed || !wrapped) throw new SecretDestroyed();
    if (expiresAt && expiresAt <= this.clock.now()) throw new SecretExpired();
    const context = contextOf({ tenantId, secretId, name, version, encoding });
    const opened = this.keys.usingHeld(tenantId, keyId, (key) => key.open(sealed, context));
    // Sealed anew, or let go of, since it was looked at.
    if (!opened) throw new VaultSealed(RETRY_AFTER_SECONDS);
    return { value: { bytes: opened.result, encoding }, expiresAt, restoredFrom: version };
  }
}
