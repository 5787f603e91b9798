import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail } from '@tenantry/audit';
import type { KeyEncryptionKey } from '@tenantry/crypto';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { newId } from '@tenantry/kernel';
import { KeyService } from '../keys/key-service.js';
import { moveMasterKey } from '../keys/wrapped-master-key.js';

const REASON = 'vault-rotation';
const KEY_BYTES = 32;

// Of rotations, and of the making of the first key, one at a time; whoever reads, or holds, goes on.
const ALONE = 'lock table key_encryption_keys in share row exclusive mode';

// Waits for whoever is wrapping something with it.
const RETIRE = `
  update key_encryption_keys set state = 'retiring' where state = 'active'
  returning id, provider, key_name as "keyName"`;

const INSERT = `
  insert into key_encryption_keys (id, provider, key_name, material, rewraps)
  values ($1::uuid, $2, $3, $4, (select count(*) from data_keys where wrapped is not null))
  returning rewraps`;

/** What a key takes the place of where there was none. */
const NONE: Readonly<Record<'id' | 'provider' | 'keyName', string | null>> = {
  id: null,
  provider: null,
  keyName: null,
};

/** Replaces the key that wraps the data keys of all tenants. */
@Injectable()
export class KekRotation {
  constructor(
    private readonly database: Database,
    private readonly service: KeyService,
    private readonly audit: AuditTrail,
  ) {}

  /**
   * A new key of the service that the settings ask for takes over; what the older ones wrap is
   * wrapped anew in time. Throws `VaultSealed`, and has changed nothing then.
   */
  async begin(caller: Caller): Promise<void> {
    const kek = await this.service.create(newId());
    await this.#assertUsable(kek);
    await moveMasterKey(this.database, this.service, kek);
    await this.database.acrossTenants(REASON, (tx) => this.#takeOver(tx, caller, kek));
  }

  /** A key that may be seen, but not used, would seal the vault of everybody. */
  async #assertUsable(kek: KeyEncryptionKey): Promise<void> {
    const context = { purpose: 'tenantry-key-check', key: kek.id };
    const wrapped = await this.service.wrap(kek, randomBytes(KEY_BYTES), context);
    const secret = await this.service.unwrap(kek, wrapped, context);
    secret.fill(0);
  }

  async #takeOver(tx: PlatformTransaction, caller: Caller, kek: KeyEncryptionKey): Promise<void> {
    const { id, provider, keyName, material } = kek;
    await tx.query(ALONE);
    const [before = NONE] = await tx.query<typeof NONE>(RETIRE);
    const values = [id, provider, keyName, material];
    const [made] = await tx.query<{ rewraps: number }>(INSERT, values);
    this.audit.recordOnPlatform(tx, caller, {
      deed: 'vault.rotation_begun',
      target: { kind: 'kek', id },
      changes: {
        keyId: { before: before.id, after: id },
        provider: { before: before.provider, after: provider },
        keyName: { before: before.keyName, after: keyName },
        dataKeys: { after: made?.rewraps },
      },
    });
  }
}
