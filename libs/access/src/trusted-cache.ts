import { LRUCache } from 'lru-cache';

import type { AppliedChange, ChangeFeed, ChangeListener } from '@tenantry/database';
import type { Clock } from '@tenantry/kernel';

const REMEMBERED_TAGS_MAX = 4_096;

interface Entry<Value> {
  readonly value: Value;
  readonly tags: readonly string[];
  readonly expiresAtMs: number;
}

/** What a cache needs of the change feed. */
export type TrustSource = Pick<ChangeFeed, 'isTrusted' | 'revision' | 'subscribe'>;

export interface CacheBounds {
  /** What the value was made of: a change of any of these drops it. */
  readonly tags: readonly string[];
  readonly ttlMs: number;
  /** The feed's revision before the value was read. */
  readonly asOf: bigint;
}

/**
 * A bounded cache of what the database said, dropped by what the change feed says.
 *
 * It answers only while the feed is heard, and takes no value that a change has overtaken while
 * it was being read.
 */
export class TrustedCache<Value extends object> implements ChangeListener {
  readonly #entries: LRUCache<string, Entry<Value>>;
  readonly #keysOfTag = new Map<string, Set<string>>();
  /** When each tag changed last; what is forgotten here counts as changed at the floor. */
  readonly #changedAt = new Map<string, bigint>();
  readonly #loading = new Map<string, Promise<Value | null>>();
  #floor = 0n;

  constructor(
    private readonly feed: TrustSource,
    private readonly clock: Clock,
    max: number,
  ) {
    this.#entries = new LRUCache({
      max,
      dispose: (entry, key) => {
        this.#untag(entry, key);
      },
    });
    feed.subscribe(this);
  }

  get(key: string): Value | undefined {
    if (!this.feed.isTrusted) return undefined;
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    if (this.clock.monotonicMs() < entry.expiresAtMs) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /**
   * The value, read by `load` where it is not known; null is not remembered. Those who ask at the
   * same revision share one reading.
   */
  async getOrLoad(
    key: string,
    load: () => Promise<(Omit<CacheBounds, 'asOf'> & { readonly value: Value }) | null>,
  ): Promise<Value | null> {
    const known = this.get(key);
    if (known) return known;
    if (!this.feed.isTrusted) return (await load())?.value ?? null;
    const asOf = this.feed.revision;
    const flight = `${asOf}/${key}`;
    const loading = this.#loading.get(flight) ?? this.#load(key, load, asOf);
    this.#loading.set(flight, loading);
    return loading.finally(() => this.#loading.delete(flight));
  }

  async #load(
    key: string,
    load: () => Promise<(Omit<CacheBounds, 'asOf'> & { readonly value: Value }) | null>,
    asOf: bigint,
  ): Promise<Value | null> {
    const loaded = await load();
    if (loaded) this.set(key, loaded.value, { ...loaded, asOf });
    return loaded?.value ?? null;
  }

  set(key: string, value: Value, { tags, ttlMs, asOf }: CacheBounds): void {
    if (ttlMs <= 0 || this.#isOvertaken(tags, asOf)) return;
    this.#entries.set(key, { value, tags, expiresAtMs: this.clock.monotonicMs() + ttlMs });
    for (const tag of tags) {
      const keys = this.#keysOfTag.get(tag);
      if (keys) keys.add(key);
      else this.#keysOfTag.set(tag, new Set([key]));
    }
  }

  onChange(change: AppliedChange): void {
    for (const tag of tagsOf(change)) {
      this.#remember(tag, change.revision);
      for (const key of [...(this.#keysOfTag.get(tag) ?? [])]) this.#entries.delete(key);
    }
  }

  onGap(): void {
    this.#entries.clear();
    this.#changedAt.clear();
    this.#floor = this.feed.revision;
  }

  #isOvertaken(tags: readonly string[], asOf: bigint): boolean {
    return asOf < this.#floor || tags.some((tag) => (this.#changedAt.get(tag) ?? 0n) > asOf);
  }

  #remember(tag: string, revision: bigint): void {
    this.#changedAt.delete(tag);
    this.#changedAt.set(tag, revision);
    if (this.#changedAt.size <= REMEMBERED_TAGS_MAX) return;
    const [oldest] = this.#changedAt;
    if (!oldest) return;
    this.#floor = oldest[1];
    this.#changedAt.delete(oldest[0]);
  }

  #untag({ tags }: Entry<Value>, key: string): void {
    for (const tag of tags) {
      const keys = this.#keysOfTag.get(tag);
      keys?.delete(key);
      if (keys?.size === 0) this.#keysOfTag.delete(tag);
    }
  }
}

/** The names under which a cache knows what a change speaks of. */
function tagsOf({ kind, id, key }: AppliedChange): string[] {
  return [tag(kind, id), `${kind}s`, ...(key === undefined ? [] : [tag(kind, key)])];
}

/** The tag of one thing: `tenant:0190…`; the plural alone stands for all of its kind. */
export function tag(kind: AppliedChange['kind'], name: string): string {
  return `${kind}:${name}`;
}
