import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import { scopeOfOwnWork } from '@tenantry/access';
import { AuditTrail, TENANTRY } from '@tenantry/audit';
import { SealBroken, type SealingKey } from '@tenantry/crypto';
import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { DataKeyEnded, DataKeys } from '../keys/data-keys.js';
import { contextOf } from '../sealing-context.js';
import { VaultSealed } from '../secrets.errors.js';
import {
  type KeyPair,
  ResealingRepository,
  type RetiringKey,
  type SealedValue,
  type VersionPlace,
} from './resealing.repository.js';
import { Rests } from './rests.js';
import { ToldOnce } from './told-once.js';

/** Keys that are looked at in turn, one batch each: a large tenant holds no other back. */
const KEYS_AT_ONCE = 50;
const WALKS_MAX = 1_000;

/** One way through everything that is sealed under a key. */
interface Walk {
  after: VersionPlace | null;
  resealed: number;
  broken: number;
}

/** What one batch has come to. */
interface Batch {
  /** Null: it has reached the end. */
  readonly next: VersionPlace | null;
  readonly resealed: number;
  readonly broken: number;
}

interface OpenedValue extends VersionPlace {
  readonly context: string;
  readonly bytes: Buffer;
}

/**
 * Seals the values of retiring data keys under the active ones, batch by batch, and destroys a key
 * under which nothing is left. Every batch is a transaction: it may end anywhere, at any time.
 */
@Injectable()
export class Resealing {
  readonly #logger = new Logger(Resealing.name);
  readonly #walks = new LRUCache<string, Walk>({ max: WALKS_MAX });
  /** Values that do not open, and were told of. */
  readonly #told = new ToldOnce();
  readonly #rests: Rests;
  #after: RetiringKey | null = null;
  #resealed = 0;

  constructor(
    private readonly database: Database,
    private readonly store: ResealingRepository,
    private readonly keys: DataKeys,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {
    this.#rests = new Rests(clock);
  }

  /** How many values this process has sealed anew, and how many it has come upon that do not open. */
  get counts(): { readonly resealed: number; readonly broken: number } {
    return { resealed: this.#resealed, broken: this.#told.size };
  }

  /** A batch of each key, of as many keys as have a turn; answers whether there is more to do. */
  async work(signal: AbortSignal): Promise<boolean> {
    const keys = await this.store.retiring(this.#after, KEYS_AT_ONCE);
    this.#after = keys.length < KEYS_AT_ONCE ? null : (keys.at(-1) ?? null);
    let hasMore = this.#after !== null;
    for (const key of keys) {
      if (signal.aborted) return false;
      if (!this.#rests.has(key.id)) hasMore = (await this.#attempt(key)) || hasMore;
    }
    return hasMore;
  }

  /** What fails with one key is not to hold the others back. */
  async #attempt(key: RetiringKey): Promise<boolean> {
    try {
      return await this.#advance(key);
    } catch (error) {
      this.#rests.begin(key.id);
      // The key service has told of that already.
      if (error instanceof VaultSealed || error instanceof DataKeyEnded) return false;
      if (this.#told.isNews(key.id)) {
        const message = 'The values of a data key could not be sealed anew.';
        this.#logger.error({ err: error, tenant: key.tenantId, key: key.id }, message);
      }
      return false;
    }
  }

  async #advance(key: RetiringKey): Promise<boolean> {
    const { tenantId } = key;
    // Where nothing is left under it, nobody need be able to open it.
    if (!this.#walks.has(key.id) && (await this.#retire(key))) return false;
    const pair = await this.store.pair(key);
    if (!pair) return false;
    // Unwrapped before anything is locked: the key service may take its time.
    await this.keys.warm(tenantId, pair.old);
    await this.keys.warm(tenantId, pair.active);
    const walk = this.#walks.get(key.id) ?? { after: null, resealed: 0, broken: 0 };
    this.#walks.set(key.id, walk);
    const batch = await this.database.within(scopeOfOwnWork(tenantId), (tx) =>
      this.#reseal(tx, pair, walk.after),
    );
    if (!batch) return true;
    this.#resealed += batch.resealed;
    walk.resealed += batch.resealed;
    walk.broken += batch.broken;
    walk.after = batch.next;
    return batch.next ? true : this.#end(key, walk);
  }

  /** Null where one of the keys is no longer what it was, or no longer at hand. */
  async #reseal(
    tx: TenantTransaction,
    pair: KeyPair,
    after: VersionPlace | null,
  ): Promise<Batch | null> {
    const { tenantId, old, active } = pair;
    if (!(await this.store.hold(tx, pair))) return null;
    const { places, isLast } = await this.store.pick(tx, old.id, after);
    const next = isLast ? null : (places.at(-1) ?? null);
    if (places.length === 0) return { next, resealed: 0, broken: 0 };
    const values = await this.store.read(tx, old.id, places);
    const opened = this.keys.usingHeld(tenantId, old.id, (key) =>
      values.flatMap((value) => this.#open(tenantId, value, key) ?? []),
    )?.result;
    const sealed =
      opened &&
      this.keys.usingHeld(tenantId, active.id, (key) =>
        opened.map((value) => sealedAnew(value, key)),
      )?.result;
    if (!opened || !sealed) return null;
    const resealed = sealed.length === 0 ? 0 : await this.store.write(tx, pair, sealed);
    return { next, resealed, broken: values.length - opened.length };
  }

  /** Null, once and for all told by its ids, where it does not open: it stays as it is. */
  #open(tenantId: string, value: SealedValue, key: SealingKey): OpenedValue | null {
    const { secretId, name, version, encoding, sealed } = value;
    const context = contextOf({ tenantId, secretId, name, version, encoding });
    try {
      return { secretId, version, context, bytes: key.open(sealed, context) };
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      this.#tell({ tenant: tenantId, secret: secretId, version });
      return null;
    }
  }

  #tell(ids: { readonly tenant: string; readonly secret: string; readonly version: number }): void {
    if (!this.#told.isNews(`${ids.secret}/${ids.version}`)) return;
    this.#logger.error(ids, 'A stored value does not open: its data key cannot be retired.');
  }

  /** At the end of a walk nothing is left, or what others held meanwhile, or what does not open. */
  async #end(key: RetiringKey, { resealed, broken }: Walk): Promise<boolean> {
    this.#walks.delete(key.id);
    if (await this.#retire(key)) {
      this.#rests.end(key.id);
      return false;
    }
    if (resealed > 0) return true;
    if (broken > 0) this.#rests.begin(key.id);
    return false;
  }

  async #retire({ tenantId, id }: RetiringKey): Promise<boolean> {
    return this.database.within(scopeOfOwnWork(tenantId), async (tx) => {
      if (!(await this.store.retire(tx, id, this.clock.now()))) return false;
      this.audit.record(tx, TENANTRY, {
        deed: 'vault.key_retired',
        target: { kind: 'data_key', id },
      });
      tx.announce({ kind: 'data_key', id, tenantId });
      return true;
    });
  }
}

function sealedAnew(
  { secretId, version, context, bytes }: OpenedValue,
  key: SealingKey,
): VersionPlace & { readonly sealed: Buffer } {
  const sealed = key.seal(bytes, context);
  bytes.fill(0);
  return { secretId, version, sealed };
}
