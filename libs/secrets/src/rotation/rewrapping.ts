import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import { AuditTrail, TENANTRY } from '@tenantry/audit';
import { SealBroken } from '@tenantry/crypto';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import type { KekRow } from '../keys/kek-book.js';
import { KeyService } from '../keys/key-service.js';
import { wrapContextOf } from '../sealing-context.js';
import { VaultSealed } from '../secrets.errors.js';
import { Rests } from './rests.js';
import {
  type KeyWrappedAnew,
  RewrappingRepository,
  type WrappedKey,
} from './rewrapping.repository.js';
import { ToldOnce } from './told-once.js';

const REASON = 'vault-rotation';
const BATCH = 100;
/** A batch is drawn from so many: nodes that come together seldom draw the same. */
const WINDOW = 500;
/** So many calls to the key service are under way at once. */
const LANES = 8;
const WALKS_MAX = 100;

/** One way through the data keys that a key wraps, past those that cannot be helped. */
interface Walk {
  after: WrappedKey | null;
  hasMoved: boolean;
}

/**
 * Wraps the data keys of retiring key-encryption keys with the active one, and ends a key that wraps
 * nothing any more. Values are not touched: a data key stays what it is.
 */
@Injectable()
export class Rewrapping {
  readonly #logger = new Logger(Rewrapping.name);
  readonly #walks = new LRUCache<string, Walk>({ max: WALKS_MAX });
  /** Data keys that do not unwrap, and were told of. */
  readonly #told = new ToldOnce();
  readonly #rests: Rests;
  #rewrapped = 0;

  constructor(
    private readonly database: Database,
    private readonly store: RewrappingRepository,
    private readonly service: KeyService,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {
    this.#rests = new Rests(clock);
  }

  /** How many data keys this process has wrapped anew, and how many it has come upon that do not unwrap. */
  get counts(): { readonly rewrapped: number; readonly broken: number } {
    return { rewrapped: this.#rewrapped, broken: this.#told.size };
  }

  /** A batch of each key that is to end; answers whether there is more to do. */
  async work(signal: AbortSignal): Promise<boolean> {
    const keks = await this.store.underWay();
    const active = keks.find(({ state }) => state === 'active');
    if (!active) return false;
    let hasMore = false;
    for (const old of keks.filter(({ state }) => state === 'retiring')) {
      if (signal.aborted) return false;
      if (this.#rests.has(old.id)) continue;
      hasMore = (await this.#advance(old, active, signal)) || hasMore;
    }
    return hasMore;
  }

  async #advance(old: KekRow, active: KekRow, signal: AbortSignal): Promise<boolean> {
    const walk = this.#walks.get(old.id) ?? { after: null, hasMoved: false };
    this.#walks.set(old.id, walk);
    const window = await this.store.under(old.id, walk.after, WINDOW);
    if (window.length === 0 && walk.after === null) return this.#retire(old.id);
    const drawn = shuffled(window).slice(0, BATCH);
    const { wrapped, isOutage } = await this.#wrapAll(drawn, { old, active, signal });
    const hasMoved = await this.#replace(old, active, wrapped);
    walk.hasMoved ||= hasMoved;
    if (isOutage) {
      this.#rests.begin(old.id);
      return false;
    }
    // What was wrapped, but held by somebody just then, is there at the next look.
    if (wrapped.length > 0) return hasMoved;
    return this.#passBy(old.id, walk, window);
  }

  async #replace(old: KekRow, active: KekRow, keys: readonly KeyWrappedAnew[]): Promise<boolean> {
    if (keys.length === 0) return false;
    const moved = await this.store.replace(old.id, active.id, keys);
    this.#rewrapped += moved;
    if (moved > 0) this.#rests.end(old.id);
    return moved > 0;
  }

  /** What nothing could be done about stands in nobody's way. */
  #passBy(id: string, walk: Walk, window: readonly WrappedKey[]): boolean {
    if (window.length === WINDOW) {
      walk.after = window.at(-1) ?? null;
      return true;
    }
    this.#walks.delete(id);
    if (!walk.hasMoved) this.#rests.begin(id);
    return walk.hasMoved;
  }

  /** Until the key service does not answer: what was wrapped by then is not lost. */
  async #wrapAll(
    keys: readonly WrappedKey[],
    { old, active, signal }: { old: KekRow; active: KekRow; signal: AbortSignal },
  ): Promise<{ readonly wrapped: readonly KeyWrappedAnew[]; readonly isOutage: boolean }> {
    const wrapped: KeyWrappedAnew[] = [];
    const waiting = [...keys];
    let isOutage = false;
    const lane = async (): Promise<void> => {
      for (let key = waiting.pop(); key && !isOutage && !signal.aborted; key = waiting.pop()) {
        const anew = await this.#wrap(key, old, active);
        if (anew === 'outage') isOutage = true;
        else if (anew) wrapped.push(anew);
      }
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return { wrapped, isOutage };
  }

  /** Null, and told of by its id, where it does not unwrap. */
  async #wrap(
    key: WrappedKey,
    old: KekRow,
    active: KekRow,
  ): Promise<KeyWrappedAnew | 'outage' | null> {
    const { tenantId, id, wrapped: was } = key;
    const context = wrapContextOf(tenantId, id);
    try {
      const secret = await this.service.unwrap(old, was, context);
      const wrapped = await this.service.wrap(active, secret, context).finally(() => {
        secret.fill(0);
      });
      return { tenantId, id, was, wrapped };
    } catch (error) {
      if (error instanceof VaultSealed) return 'outage';
      if (!(error instanceof SealBroken)) throw error;
      this.#tell({ tenant: tenantId, key: id });
      return null;
    }
  }

  #tell(ids: { readonly tenant: string; readonly key: string }): void {
    if (!this.#told.isNews(ids.key)) return;
    this.#logger.error(ids, 'A data key does not unwrap: what wraps it cannot be retired.');
  }

  /** Never with more to do: it has ended, or another node has ended it. */
  async #retire(id: string): Promise<boolean> {
    await this.database.acrossTenants(REASON, async (tx) => {
      if (!(await this.store.retire(tx, id, this.clock.now()))) return;
      this.audit.recordOnPlatform(tx, TENANTRY, {
        deed: 'vault.kek_retired',
        target: { kind: 'kek', id },
      });
      tx.announce({ kind: 'data_key', id, tenantId: null });
    });
    this.#walks.delete(id);
    this.#rests.end(id);
    return false;
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
