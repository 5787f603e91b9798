import { Injectable } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import type { KeyEncryptionKey } from '@tenantry/crypto';
import {
  type AppliedChange,
  ChangeFeed,
  type ChangeListener,
  Database,
  type PlatformTransaction,
} from '@tenantry/database';
import { newId } from '@tenantry/kernel';
import { KeyService } from './key-service.js';

const REASON = 'vault-keys';
const CACHED_MAX = 100;

/** A key-encryption key, and what has become of it. */
export interface KekRow extends KeyEncryptionKey {
  readonly state: 'active' | 'retiring' | 'retired';
  /** How many data keys were to be wrapped anew when it took over. */
  readonly rewraps: number;
  readonly createdAt: Date;
  readonly retiredAt: Date | null;
}

export const KEK_COLUMNS = `id, provider, key_name as "keyName", material, state, rewraps,
  created_at as "createdAt", retired_at as "retiredAt"`;

const FIND = `select ${KEK_COLUMNS} from key_encryption_keys where id = $1::uuid`;
const ACTIVE = `select ${KEK_COLUMNS} from key_encryption_keys where state = 'active'`;
const INSERT = `
  insert into key_encryption_keys (id, provider, key_name, material)
  values ($1::uuid, $2, $3, $4) on conflict (state) where state = 'active' do nothing`;

/** The key of a data key is not in the book: it was retired, and the data key is another's or old. */
export class KekUnknown extends Error {
  override readonly name = 'KekUnknown';
}

/** Which key-encryption keys there are. They are few, and never change but to end. */
@Injectable()
export class KekBook implements ChangeListener {
  readonly #known = new LRUCache<string, KeyEncryptionKey>({ max: CACHED_MAX });
  /** One more with each end: what was read before it is not kept. */
  #endings = 0;

  constructor(
    private readonly database: Database,
    private readonly service: KeyService,
    feed: ChangeFeed,
  ) {
    feed.subscribe(this);
  }

  /** A key that was retired anywhere unwraps nothing here. */
  onChange({ kind, id, tenantId }: AppliedChange): void {
    if (kind !== 'data_key' || tenantId !== null) return;
    this.#endings += 1;
    this.#known.delete(id);
  }

  onGap(): void {
    this.#endings += 1;
    this.#known.clear();
  }

  /** Throws `KekUnknown`, of a retired one too. */
  async get(id: string): Promise<KeyEncryptionKey> {
    const known = this.#known.get(id);
    if (known) return known;
    const endings = this.#endings;
    const [row] = await this.database.queryAcrossTenants<KekRow>(REASON, FIND, [id]);
    if (!row || row.state === 'retired') throw new KekUnknown(`No key-encryption key ${id}.`);
    if (endings === this.#endings) this.#known.set(id, row);
    return row;
  }

  /** The one that wraps what is new; null where none was ever needed. */
  async findActive(): Promise<KekRow | null> {
    const [row] = await this.database.queryAcrossTenants<KekRow>(REASON, ACTIVE);
    return row ?? null;
  }

  /** The same, made where there is none. Nodes that come together agree on one. */
  async active(): Promise<KekRow> {
    const known = await this.findActive();
    if (known) return known;
    const { id, provider, keyName, material } = await this.service.create(newId());
    await this.database.queryAcrossTenants(REASON, INSERT, [id, provider, keyName, material]);
    const made = await this.findActive();
    if (!made) throw new KekUnknown('The key-encryption key that was just made is gone.');
    return made;
  }

  /** Whether it still wraps what is new; until the transaction ends, it goes on doing so. */
  async holdActive(tx: Pick<PlatformTransaction, 'query'>, id: string): Promise<boolean> {
    const rows = await tx.query<{ state: string }>(
      'select state from key_encryption_keys where id = $1::uuid for share',
      [id],
    );
    return rows[0]?.state === 'active';
  }
}
