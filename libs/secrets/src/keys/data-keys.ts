import { randomBytes } from 'node:crypto';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';

import { AuditTrail, type Doer } from '@tenantry/audit';
import { keyIdBytes, SealBroken, SealingKey } from '@tenantry/crypto';
import {
  type AppliedChange,
  ChangeFeed,
  type ChangeListener,
  Database,
  type TenantTransaction,
} from '@tenantry/database';
import { Clock, newId, type TenantScope } from '@tenantry/kernel';
import { canaryContextOf, wrapContextOf } from '../sealing-context.js';
import { SecretBroken } from '../secrets.errors.js';
import { DataKeyCache } from './data-key-cache.js';
import { KekBook, KekUnknown } from './kek-book.js';
import { isOutage, KeyService } from './key-service.js';

const REASON = 'vault-keys';
const KEY_BYTES = 32;
const CACHED_MAX = 10_000;
const MINUTE_MS = 60_000;
/** A key-encryption key may be replaced while a data key is being wrapped with it; not again and again. */
const ATTEMPTS_MAX = 5;

/** So long a data key is held unwrapped, and so long where the key service is out of reach. */
export const DATA_KEY_FRESH_MS = 5 * MINUTE_MS;
export const DATA_KEY_USABLE_MS = 15 * MINUTE_MS;

/** A data key as it is stored. */
export interface StoredDataKey {
  readonly id: string;
  readonly kekId: string;
  readonly wrapped: Uint8Array;
}

const ACTIVE = `
  select id, kek_id as "kekId", wrapped from data_keys
  where tenant_id = $1::uuid and state = 'active'`;
const FIND = `
  select id, kek_id as "kekId", wrapped from data_keys
  where tenant_id = $1::uuid and id = $2::uuid and wrapped is not null`;
const INSERT = `
  insert into data_keys (tenant_id, id, kek_id, wrapped, canary)
  values ($1::uuid, $2::uuid, $3::uuid, $4, $5)
  on conflict (tenant_id) where state = 'active' do nothing returning 1`;

/** The key has ended since it was read of: whoever looks again learns what became of its values. */
export class DataKeyEnded extends Error {
  override readonly name = 'DataKeyEnded';
}

/** A new data key, before it is anybody's. */
interface NewDataKey extends StoredDataKey {
  readonly canary: Buffer;
}

/** The keys that values are sealed under, one at a time for each tenant. */
@Injectable()
export class DataKeys implements ChangeListener, OnModuleDestroy {
  readonly #cache: DataKeyCache;

  constructor(
    private readonly database: Database,
    private readonly book: KekBook,
    private readonly service: KeyService,
    private readonly audit: AuditTrail,
    feed: ChangeFeed,
    clock: Clock,
  ) {
    this.#cache = new DataKeyCache(clock, {
      max: CACHED_MAX,
      freshMs: DATA_KEY_FRESH_MS,
      usableMs: DATA_KEY_USABLE_MS,
    });
    feed.subscribe(this);
  }

  onModuleDestroy(): void {
    this.#cache.close();
  }

  /** A key that has ended anywhere opens nothing here. */
  onChange({ kind, id, tenantId }: AppliedChange): void {
    if (kind === 'data_key' && tenantId !== null) this.#cache.end(nameOf(tenantId, id));
  }

  onGap(): void {
    this.#cache.clear();
  }

  /**
   * Does `work` with the key, at once: it must not keep it. Throws `VaultSealed` where the key
   * service does not answer, and `SecretBroken` where the key is not what was stored.
   */
  async using<Result>(
    tenantId: string,
    stored: StoredDataKey,
    work: (key: SealingKey) => Result,
  ): Promise<Result> {
    const key = await this.#cache.get(nameOf(tenantId, stored.id), {
      load: () => this.#unwrap(tenantId, stored),
      isOutage,
    });
    return unbroken(() => work(key));
  }

  /** Has the key at hand, so that nothing need wait for it later. Throws as `using` does. */
  async warm(tenantId: string, stored: StoredDataKey): Promise<void> {
    await this.using(tenantId, stored, () => undefined);
  }

  /** Whether the key can be used without waiting for anybody: else `warm` it. */
  isFresh(tenantId: string, id: string): boolean {
    return this.#cache.isFresh(nameOf(tenantId, id));
  }

  /**
   * Does `work` with a key that is at hand, and asks nobody: inside a transaction a key service that
   * hangs would hold locks and a connection. Null where it is not at hand: `warm` it, and try again.
   */
  usingHeld<Result>(
    tenantId: string,
    id: string,
    work: (key: SealingKey) => Result,
  ): { readonly result: Result } | null {
    const key = this.#cache.peek(nameOf(tenantId, id));
    return key && unbroken(() => ({ result: work(key) }));
  }

  /** The key that new values are sealed under, made where the tenant has none. */
  async active(scope: TenantScope, doer: Doer): Promise<StoredDataKey> {
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const [known] = await this.database.query<StoredDataKey>(scope, ACTIVE, [scope.tenantId]);
      if (known) return known;
      await this.#make(scope, doer);
    }
    throw new Error('A data key could not be made: its key-encryption key was replaced each time.');
  }

  /** A new key in the place of the active one, which must have been retired in this transaction. */
  async replace(tx: TenantTransaction, key: NewDataKey): Promise<boolean> {
    const isHeld = await tx.acrossTenants(REASON, () => this.book.holdActive(tx, key.kekId));
    if (!isHeld) return false;
    const { tenantId } = tx;
    const rows = await tx.query(INSERT, [tenantId, key.id, key.kekId, key.wrapped, key.canary]);
    return rows.length > 0;
  }

  /** A key that nobody has yet, wrapped for this tenant. Throws `VaultSealed`. */
  async draw(tenantId: string): Promise<NewDataKey> {
    const kek = await this.book.active();
    const id = newId();
    const secret = randomBytes(KEY_BYTES);
    const key = new SealingKey(secret, keyIdBytes(id));
    try {
      const wrapped = await this.service.wrap(kek, secret, wrapContextOf(tenantId, id));
      const canary = key.seal(randomBytes(KEY_BYTES), canaryContextOf(tenantId, id));
      return { id, kekId: kek.id, wrapped, canary };
    } catch (error) {
      // A local key-encryption key that does not open: the master key is another one.
      if (error instanceof SealBroken) throw new SecretBroken({ cause: error });
      throw error;
    } finally {
      key.destroy();
      secret.fill(0);
    }
  }

  async #make(scope: TenantScope, doer: Doer): Promise<void> {
    const key = await this.draw(scope.tenantId);
    await this.database.within(scope, async (tx) => {
      if (!(await this.replace(tx, key))) return;
      this.audit.record(tx, doer, {
        deed: 'vault.key_created',
        target: { kind: 'data_key', id: key.id },
        changes: { kekId: { after: key.kekId } },
      });
    });
  }

  async #unwrap(tenantId: string, stored: StoredDataKey): Promise<SealingKey> {
    try {
      return await this.#open(tenantId, stored).catch(async (error: unknown) => {
        // Wrapped anew since it was read, and its key-encryption key has been retired.
        if (!(error instanceof KekUnknown)) throw error;
        const values = [tenantId, stored.id];
        const [now] = await this.database.queryAcrossTenants<StoredDataKey>(REASON, FIND, values);
        if (!now) throw new DataKeyEnded();
        return this.#open(tenantId, now);
      });
    } catch (error) {
      if (error instanceof SealBroken || error instanceof KekUnknown) {
        throw new SecretBroken({ cause: error });
      }
      throw error;
    }
  }

  async #open(tenantId: string, { id, kekId, wrapped }: StoredDataKey): Promise<SealingKey> {
    const kek = await this.book.get(kekId);
    const secret = await this.service.unwrap(kek, wrapped, wrapContextOf(tenantId, id));
    const key = new SealingKey(secret, keyIdBytes(id));
    secret.fill(0);
    return key;
  }
}

/** Under its tenant: a row that was copied to another tenant is not taken for the one there. */
function nameOf(tenantId: string, id: string): string {
  return `${tenantId}/${id}`;
}

/** What does not open is told as `SecretBroken`. */
function unbroken<Result>(work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    if (error instanceof SealBroken) throw new SecretBroken({ cause: error });
    throw error;
  }
}
