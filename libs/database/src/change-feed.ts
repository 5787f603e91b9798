import { type Clock, newId } from '@tenantry/kernel';
import type { Database } from './database.js';
import { type Channel, FeedHints } from './feed-hints.js';
import type { Change } from './transaction.js';

const POLL_MS = 300;
const TRUSTED_FOR_MS = 1_000;
const HEARTBEAT_MS = 2_000;
const PRUNE_EVERY_MS = 3_600_000;
const KEPT_DAYS = 7;
const BATCH = 1_000;
/** Longer silent than this, and a reader starts afresh: rows may have been pruned meanwhile. */
const SILENCE_MAX_MS = 600_000;

export interface AppliedChange extends Change {
  readonly revision: bigint;
}

export interface ChangeListener {
  /** Called in revision order, before the revision counts as enforced. Must not throw. */
  onChange(change: AppliedChange): void;
  /** The feed has a gap: everything cached is to be dropped. */
  onGap(): void;
}

interface ChangeRow {
  readonly revision: bigint;
  readonly tenant_id: string | null;
  readonly kind: Change['kind'];
  readonly id: string;
  readonly key: string | null;
}

/**
 * Follows what changed, on whichever node, and says how far this node has come.
 *
 * `NOTIFY` is a hint; a poll guarantees. A node that has not heard for a second no longer trusts
 * what it cached: `isTrusted` is false until the feed is heard again.
 */
export class ChangeFeed {
  readonly nodeId = newId();
  readonly #listeners = new Set<ChangeListener>();
  readonly #hints: FeedHints;
  readonly #startedAt: Date;
  #revision = 0n;
  #heardAt = Number.NEGATIVE_INFINITY;
  #beatAt = Number.NEGATIVE_INFINITY;
  #prunedAt: number;
  #polling: Promise<void> | undefined;
  #isAskedAgain = false;
  #timer: NodeJS.Timeout | undefined;
  #isStopped = false;

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    directUrl: string,
  ) {
    this.#startedAt = clock.now();
    this.#prunedAt = clock.monotonicMs();
    this.#hints = new FeedHints(directUrl);
    this.#hints.listen('tenantry_changes', () => void this.poll());
  }

  /** Begins at the present: what changed before is read, not cached. */
  async start(): Promise<void> {
    await this.#startAfresh();
    await this.#beat();
    this.database.whenAnnounced(() => this.poll());
    this.#hints.start();
    this.#schedule();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#hints.stop();
    await this.#polling;
  }

  subscribe(listener: ChangeListener): void {
    this.#listeners.add(listener);
  }

  /** Has `listener` called with what is notified on another channel than the feed's: hints, which may get lost. */
  hear(channel: Channel, listener: (payload: string) => void): void {
    this.#hints.listen(channel, listener);
  }

  /** The newest revision that this node enforces. */
  get revision(): bigint {
    return this.#revision;
  }

  /** Whether what was cached may still be used: the feed was heard within the last second. */
  get isTrusted(): boolean {
    return this.clock.monotonicMs() - this.#heardAt <= TRUSTED_FOR_MS;
  }

  /** Applies what is new. Calls that come together share one look; a late one gets another. */
  async poll(): Promise<void> {
    if (this.#polling) {
      this.#isAskedAgain = true;
      return this.#polling;
    }
    // A look that fails is noticed by its absence: `isTrusted` ends.
    this.#polling = this.#pollUntilQuiet()
      .catch(() => undefined)
      .finally(() => {
        this.#polling = undefined;
      });
    return this.#polling;
  }

  async #pollUntilQuiet(): Promise<void> {
    do {
      this.#isAskedAgain = false;
      await this.#look();
      // Read by the type checker as still false: it changes while the look is awaited.
    } while (this.#isAskedAgain as boolean);
  }

  async #look(): Promise<void> {
    // What is read now is true as of the question, not as of the answer.
    const askedAt = this.clock.monotonicMs();
    if (askedAt - this.#heardAt > SILENCE_MAX_MS) {
      await this.#startAfresh();
      return;
    }
    let rows: ChangeRow[];
    do {
      rows = await this.database.queryAcrossTenants<ChangeRow>(
        'change-feed',
        `select revision, tenant_id, kind, id, key from changes
         where revision > $1 order by revision limit $2`,
        [this.#revision, BATCH],
      );
      rows.forEach((row) => {
        this.#apply(row);
      });
    } while (rows.length === BATCH);
    this.#heardAt = askedAt;
    if (rows.length > 0 || askedAt - this.#beatAt > HEARTBEAT_MS) await this.#beat();
    if (askedAt - this.#prunedAt > PRUNE_EVERY_MS) await this.#prune();
  }

  #apply(row: ChangeRow): void {
    const change: AppliedChange = {
      revision: row.revision,
      kind: row.kind,
      id: row.id,
      tenantId: row.tenant_id,
      ...(row.key === null ? {} : { key: row.key }),
    };
    for (const listener of this.#listeners) listener.onChange(change);
    this.#revision = row.revision;
  }

  async #startAfresh(): Promise<void> {
    const askedAt = this.clock.monotonicMs();
    const [row] = await this.database.queryAcrossTenants<{ revision: bigint }>(
      'change-feed',
      'select coalesce(max(revision), 0) as revision from changes',
    );
    this.#revision = row?.revision ?? 0n;
    for (const listener of this.#listeners) listener.onGap();
    this.#heardAt = askedAt;
  }

  /** Says to everybody how far this node has come. */
  async #beat(): Promise<void> {
    this.#beatAt = this.clock.monotonicMs();
    await this.database.queryAcrossTenants(
      'node-heartbeat',
      `insert into nodes as node (id, started_at, heard_at, acknowledged, acknowledged_at)
       values ($1, $2, clock_timestamp(), $3, clock_timestamp())
       on conflict (id) do update set heard_at = excluded.heard_at,
         acknowledged = excluded.acknowledged,
         acknowledged_at = case when node.acknowledged = excluded.acknowledged
           then node.acknowledged_at else excluded.acknowledged_at end`,
      [this.nodeId, this.#startedAt, this.#revision],
    );
  }

  async #prune(): Promise<void> {
    this.#prunedAt = this.clock.monotonicMs();
    await this.database.queryAcrossTenants(
      'change-feed',
      `with gone as (delete from nodes where heard_at < now() - interval '1 day')
       delete from changes where at < now() - make_interval(days => $1)`,
      [KEPT_DAYS],
    );
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#timer = setTimeout(() => {
      void this.poll().finally(() => {
        this.#schedule();
      });
    }, POLL_MS);
    this.#timer.unref();
  }
}
