import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';
import type { ExpectedRevision } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { DataKeys } from './keys/data-keys.js';
import { type NewVersion, SecretSaving } from './saving.js';
import { contextOf } from './sealing-context.js';
import type { Secret } from './secret.js';
import {
  SecretDestroyed,
  SecretExpired,
  SecretNotFound,
  SecretVersionNotFound,
} from './secrets.errors.js';
import { SecretsRepository } from './secrets.repository.js';

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
    const condition = { expected, isNew: false };
    const { secret } = await this.saving.save(caller, name, condition, async (tx, known) => {
      if (!known) throw new SecretNotFound();
      return this.#restored(tx, known, version);
    });
    return secret;
  }

  async #restored(
    tx: TenantTransaction,
    { id: secretId, name }: Secret,
    version: number,
  ): Promise<NewVersion> {
    const { tenantId } = tx;
    const found = await this.secrets.findVersion(tx, secretId, version);
    if (!found) throw new SecretVersionNotFound();
    const { sealed, wrapped, encoding, expiresAt, keyId, kekId } = found;
    if (!sealed || !wrapped) throw new SecretDestroyed();
    if (expiresAt && expiresAt <= this.clock.now()) throw new SecretExpired();
    const context = contextOf({ tenantId, secretId, name, version, encoding });
    const bytes = await this.keys.using(tenantId, { id: keyId, kekId, wrapped }, (key) =>
      key.open(sealed, context),
    );
    return { value: { bytes, encoding }, expiresAt, restoredFrom: version };
  }
}
