import { setTimeout as sleep } from 'node:timers/promises';

import { Inject, Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import type { TenantScope } from '@tenantry/kernel';
import { merged, type Reached } from './reached.js';
import { ThresholdRecord } from './threshold-record.js';

/** Minutes and hours fill all day long, and a trail is never trimmed. */
const TOLD_OF: ReadonlySet<string> = new Set(['day', 'month']);
const REMEMBERED_MAX = 50_000;
const PENDING_MAX = 10_000;
/** What fails so often is given up, until the next demand in that window says it again. */
const ATTEMPTS_MAX = 10;
const RETRY_MS = 250;
const RETRY_MS_MAX = 30_000;

interface Pending {
  readonly scope: TenantScope;
  readonly reached: Reached;
  readonly failures: number;
}

/**
 * Tells a tenant, on its trail and on the change feed, that so much of a day or a month is used: each
 * threshold once in each period, whichever node sees it first.
 *
 * One after the other, so that it takes one connection, however many are crossed at once. What this
 * node has told it remembers, and asks nobody about it again.
 */
@Injectable()
export class ThresholdTelling {
  readonly #logger = new Logger(ThresholdTelling.name);
  readonly #told = new LRUCache<string, { readonly window: number; readonly percent: number }>({
    max: REMEMBERED_MAX,
  });
  readonly #pending = new Map<string, Pending>();
  readonly #closing = new AbortController();
  #working: Promise<void> | null = null;

  constructor(@Inject(ThresholdRecord) private readonly record: Pick<ThresholdRecord, 'tell'>) {}

  /** In its own time: nobody waits for it. */
  tell(scope: TenantScope, reached: Reached): void {
    if (!TOLD_OF.has(reached.name) || this.#isTold(scope, reached)) return;
    this.#add({ scope, reached, failures: 0 });
    this.#start();
  }

  /** Returns when nothing is under way; what fails meanwhile is not tried again. */
  async quiet(): Promise<void> {
    this.#closing.abort();
    while (this.#working) await this.#working;
  }

  #start(): void {
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
      // Came between the last look and now.
      if (this.#pending.size > 0) this.#start();
    });
  }

  async #work(): Promise<void> {
    for (let failures = 0; ;) {
      const [next] = this.#pending;
      if (!next) return;
      this.#pending.delete(next[0]);
      failures = (await this.#tell(next[1])) ? 0 : failures + 1;
      if (failures > 0) await this.#pause(failures);
    }
  }

  async #tell(pending: Pending): Promise<boolean> {
    const { scope, reached } = pending;
    if (this.#isTold(scope, reached)) return true;
    try {
      await this.record.tell(scope, reached);
      const { window } = reached;
      this.#told.set(keyOf(scope, reached), { window, percent: Math.max(...reached.crossed) });
      return true;
    } catch (error) {
      const failures = pending.failures + 1;
      this.#logger.warn({ err: error, failures }, 'A threshold could not be told.');
      if (this.#closing.signal.aborted) this.#pending.clear();
      else if (failures < ATTEMPTS_MAX) this.#add({ ...pending, failures });
      return false;
    }
  }

  /** Behind the others. What is told of the same limit meanwhile goes with it. */
  #add(pending: Pending): void {
    const key = keyOf(pending.scope, pending.reached);
    const waiting = this.#pending.get(key);
    if (waiting) {
      const reached = merged(waiting.reached, pending.reached);
      this.#pending.set(key, { ...waiting, reached });
    } else if (this.#pending.size < PENDING_MAX) {
      this.#pending.set(key, pending);
    }
  }

  #isTold(scope: TenantScope, reached: Reached): boolean {
    const told = this.#told.get(keyOf(scope, reached));
    return told?.window === reached.window && reached.crossed.every((one) => one <= told.percent);
  }

  async #pause(failures: number): Promise<void> {
    const ms = Math.min(RETRY_MS * 2 ** (failures - 1), RETRY_MS_MAX);
    // Cut short when this node stops.
    await sleep(ms, undefined, { signal: this.#closing.signal, ref: false }).catch(() => undefined);
  }
}

function keyOf({ tenantId }: TenantScope, { kind, name }: Reached): string {
  return `${tenantId}/${kind}/${name}`;
}
