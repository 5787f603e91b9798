import { Injectable } from '@nestjs/common';

import type { KekProviderName } from '@tenantry/crypto';
import { Database } from '@tenantry/database';
import { KekBook, type KekRow } from '../keys/kek-book.js';
import { KeyService, type VaultState } from '../keys/key-service.js';
import { progressOf, type RewrapProgress, type RewrapRow } from '../vault/vault-reading.js';

const REASON = 'vault-rotation';
const KEYS_MAX = 50;

/** A key-encryption key, as people see it. */
export type PlatformVaultKey = Pick<
  KekRow,
  'id' | 'provider' | 'keyName' | 'state' | 'createdAt' | 'retiredAt'
>;

/** The keys that wrap the data keys of all tenants. */
export interface PlatformVault {
  readonly state: VaultState;
  /** Of the active key; where there is none, the service that the first would come from. */
  readonly provider: KekProviderName;
  readonly active: PlatformVaultKey | null;
  /** The newest first. */
  readonly keys: readonly PlatformVaultKey[];
  readonly rotation: RewrapProgress;
}

const KEYS = `
  select id, provider, key_name as "keyName", state, created_at as "createdAt",
    retired_at as "retiredAt"
  from key_encryption_keys order by created_at desc, id desc limit ${KEYS_MAX}`;

const ROTATION = `
  select
    coalesce((select rewraps from key_encryption_keys where state = 'active'), 0) as total,
    exists (select from key_encryption_keys where state = 'retiring') as "isRunning",
    (select count(*)::int from data_keys
     where wrapped is not null and kek_id in (
       select id from key_encryption_keys where state = 'retiring')) as remaining`;

/** Shows what the platform's vault rests on. */
@Injectable()
export class PlatformVaultReading {
  constructor(
    private readonly database: Database,
    private readonly book: KekBook,
    private readonly service: KeyService,
  ) {}

  async get(): Promise<PlatformVault> {
    const [active, keys, rows] = await Promise.all([
      this.book.findActive(),
      this.database.queryAcrossTenants<PlatformVaultKey>(REASON, KEYS),
      this.database.queryAcrossTenants<RewrapRow>(REASON, ROTATION),
    ]);
    return {
      state: await this.service.state(active),
      provider: active?.provider ?? this.service.preferred,
      active,
      keys,
      rotation: progressOf(rows[0]),
    };
  }
}
