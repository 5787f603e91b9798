import { randomBytes } from 'node:crypto';

import type { AppConfig } from '@tenantry/config';
import { AwsKms, type KeyEncryptionKey, MasterKey } from '@tenantry/crypto';
import type { Database } from '@tenantry/database';
import { newId } from '@tenantry/kernel';
import type { KeyService } from './key-service.js';
import { kmsOptionsOf } from './kms-options.js';

const REASON = 'master-key';
const KEY_BYTES = 32;
const CONTEXT = { purpose: 'tenantry-master-key' };

const FIND = 'select key_name as "keyName", wrapped from wrapped_master_keys where id = 1';
const INSERT = `
  insert into wrapped_master_keys (id, key_name, wrapped) values (1, $1, $2)
  on conflict (id) do nothing`;

const FOLLOW = `
  update wrapped_master_keys set key_name = $1, wrapped = $2 where id = 1 and wrapped = $3`;

interface Row {
  readonly keyName: string;
  readonly wrapped: Uint8Array;
}

/**
 * The master key where the operator keeps none: made on first use, and kept in the database wrapped
 * by the key service. A start needs that service then; what runs already does not.
 * Throws `KeyServiceUnreachable` and `KeyServiceRefused`.
 */
export async function masterKeyByKms(
  database: Database,
  kms: NonNullable<AppConfig['kms']>,
): Promise<MasterKey> {
  const service = new AwsKms(kmsOptionsOf(kms));
  const row = (await find(database)) ?? (await make(database, service));
  const secret = await service.unwrap(keyNamed(row.keyName), row.wrapped, CONTEXT);
  return new MasterKey(secret);
}

/**
 * Wraps the master key with a new key of the key service, where the service holds it, so that the
 * old one may go. Throws `VaultSealed`, and has changed nothing then.
 */
export async function moveMasterKey(
  database: Database,
  service: Pick<KeyService, 'wrap' | 'unwrap'>,
  kek: KeyEncryptionKey,
): Promise<void> {
  const row = await find(database);
  if (!row || kek.keyName === null || row.keyName === kek.keyName) return;
  const secret = await service.unwrap(keyNamed(row.keyName), row.wrapped, CONTEXT);
  const wrapped = await service.wrap(kek, secret, CONTEXT).finally(() => {
    secret.fill(0);
  });
  // Two who move it at once both began with what the first has replaced.
  await database.queryAcrossTenants(REASON, FOLLOW, [kek.keyName, wrapped, row.wrapped]);
}

/** Nodes that come together agree on one. */
async function make(database: Database, service: AwsKms): Promise<Row> {
  const kek = await service.create(newId());
  const secret = randomBytes(KEY_BYTES);
  const wrapped = await service.wrap(kek, secret, CONTEXT);
  secret.fill(0);
  await database.queryAcrossTenants(REASON, INSERT, [kek.keyName, wrapped]);
  const row = await find(database);
  if (!row) throw new Error('The master key that was just made is gone.');
  return row;
}

async function find(database: Database): Promise<Row | undefined> {
  const [row] = await database.queryAcrossTenants<Row>(REASON, FIND);
  return row;
}

function keyNamed(keyName: string): KeyEncryptionKey {
  return { id: newId(), provider: 'aws-kms', keyName, material: null };
}
