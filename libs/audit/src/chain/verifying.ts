import { Injectable } from '@nestjs/common';

import {
  type Break,
  ChainReader,
  type ChainReport,
  type Checkpoint,
  type PublicKey,
  Unreadable,
} from '@tenantry/verify-audit';
import { type AuditRow, eventOf, ROW } from '../event.js';
import type { Trail } from '../trails.js';
import { AuditKeys } from './audit-keys.js';
import { RetentionRunning, TooManyVerifications } from './chain.errors.js';
import { checkpointOf, type CheckpointRow } from './checkpoint.js';
import { CheckpointsRepository, type Head } from './checkpoints.repository.js';

const PAGE = 500;

/** The columns that records are found by are copies: whoever altered one has hidden a record. */
const NEXT = `
  select ${ROW},
    id::text = record ->> 'id' and deed = record ->> 'deed' and outcome = record ->> 'outcome'
      and actor_id is not distinct from record -> 'actor' ->> 'id'
      and target_id is not distinct from record -> 'target' ->> 'id' as "isFindable"
  from audit_records
  where tenant_id = $1 and sequence between $2 and $3
  order by sequence fetch first ${PAGE} rows with ties`;

/** So many checkpoints are held at once: memory does not grow with a trail. */
const STRETCH = 500;
/** On one node: verifying is work for a processor. */
const AT_ONCE_MAX = 2;
/** Retention may remove what is being read: then it is read again. */
const ATTEMPTS = 3;

/** What was found of a trail. */
export interface Verdict {
  readonly trail: string;
  readonly valid: boolean;
  /** How many records were found to be whole and in their place. */
  readonly checked: number;
  /** Up to which record the trail stood when it was asked. */
  readonly upTo: number;
  /** How many checkpoints were found to be of these records. */
  readonly checkpoints: number;
  /** Up to which record retention has removed, with tombstones. */
  readonly removedTo: number;
  readonly broken: Found | null;
}

/** Where a trail is broken, and how. */
export type Found = Omit<Break, 'code'> & { readonly code: string };

interface Tally {
  checked: number;
  checkpoints: number;
  removedTo: number;
  broken: Found | null;
}

/** Recomputes trails from their first record to their last. */
@Injectable()
export class Verifying {
  readonly #running = new Set<string>();

  constructor(
    private readonly checkpoints: CheckpointsRepository,
    private readonly keys: AuditKeys,
  ) {}

  /** Memory stays flat, however long the trail is. Throws `TooManyVerifications`, `RetentionRunning`. */
  async verify(trail: Trail): Promise<Verdict> {
    if (this.#running.has(trail.id) || this.#running.size >= AT_ONCE_MAX) {
      throw new TooManyVerifications();
    }
    this.#running.add(trail.id);
    try {
      return await this.#verify(trail);
    } finally {
      this.#running.delete(trail.id);
    }
  }

  async #verify(trail: Trail): Promise<Verdict> {
    for (let attempt = 1; ; attempt += 1) {
      const kept = await this.checkpoints.firstKept(trail);
      const verdict = await this.#read(trail);
      const isWhole = verdict.broken === null;
      const isSteady = kept === (await this.checkpoints.firstKept(trail));
      if (isWhole || isSteady) return verdict;
      if (attempt === ATTEMPTS) throw new RetentionRunning();
    }
  }

  async #read(trail: Trail): Promise<Verdict> {
    const head = (await this.checkpoints.head(trail)) ?? NOTHING;
    const tally: Tally = { checked: 0, checkpoints: 0, removedTo: 0, broken: null };
    const keys = await this.keys.published();
    let last: Checkpoint | null = null;
    let seen = 0;
    for (let isEnd = false; !isEnd && !tally.broken;) {
      const rows = await this.checkpoints.after(trail, last?.number ?? 0, STRETCH);
      tally.broken ??= miscopied(rows);
      const checkpoints = rows
        .map((row) => checkpointOf(row))
        .filter(({ number }) => number <= head.checkpoints);
      seen += checkpoints.length;
      isEnd = checkpoints.length < STRETCH;
      const stretch: Stretch = {
        ...{ after: last, checkpoints, keys },
        upTo: isEnd ? head.sequence : (checkpoints.at(-1)?.to ?? 0),
      };
      last = checkpoints.at(-1) ?? last;
      await this.#readStretch(trail, stretch, tally);
    }
    tally.broken ??= await this.#endOf(trail, { head, seen, removedTo: tally.removedTo });
    const { checked, checkpoints, removedTo, broken } = tally;
    return {
      trail: trail.id,
      valid: !broken,
      checked,
      upTo: head.sequence,
      checkpoints,
      removedTo,
      broken,
    };
  }

  async #readStretch(trail: Trail, stretch: Stretch, tally: Tally): Promise<void> {
    const { after, checkpoints, keys, upTo } = stretch;
    const removedTo = removedUpTo(checkpoints, after);
    const reader = new ChainReader({
      ...{ checkpoints: after ? [after, ...checkpoints] : checkpoints, keys },
      partial: after !== null,
    });
    tally.broken ??= reader.broken;
    let next = removedTo + 1;
    while (!tally.broken && !reader.broken && next <= upTo) {
      const rows = await trail.query<FoundRow>(NEXT, [next, upTo]);
      if (rows.length === 0) break;
      tally.broken = startOf(rows, next) ?? unfindable(rows) ?? readAll(reader, rows);
      next = Number(rows.at(-1)?.sequence) + 1;
    }
    if (removedTo > (after?.to ?? 0)) tally.removedTo = removedTo;
    // Of a stretch that was removed as a whole nothing can be read.
    const report = next > removedTo + 1 || !after ? reader.end() : null;
    add(tally, report);
    if (!tally.broken && next <= upTo) tally.broken = missingAt(next);
  }

  /** What only the head knows: how many checkpoints there are, and the hash of the last record. */
  async #endOf(
    trail: Trail,
    { head, seen, removedTo }: { head: Head; seen: number; removedTo: number },
  ): Promise<Found | null> {
    const { checkpoints, checkpointed, sequence } = head;
    if (await this.checkpoints.hasOutside(trail, removedTo)) {
      return found('inserted', sequence + 1, 'There is something beyond what the trail knows of.');
    }
    if (seen < checkpoints) {
      return found('checkpoint_missing', checkpointed, 'A checkpoint that was made is gone.');
    }
    if (await this.checkpoints.headHolds(trail)) return null;
    return found('head', sequence, 'The last record is not the one that was written last.');
  }
}

interface Stretch {
  /** The checkpoint before it. */
  readonly after: Checkpoint | null;
  readonly checkpoints: readonly Checkpoint[];
  readonly keys: readonly PublicKey[];
  readonly upTo: number;
}

const NOTHING: Head = { sequence: 0, checkpointed: 0, checkpoints: 0 };

interface FoundRow extends AuditRow {
  readonly isFindable: boolean;
}

/** A page that does not begin where the one before has ended. */
function startOf([first]: readonly FoundRow[], next: number): Found | null {
  return Number(first?.sequence) === next
    ? null
    : found('gap', next, `Record ${String(next)} is missing.`);
}

/** The columns that checkpoints are found by are copies too. */
function miscopied(rows: readonly CheckpointRow[]): Found | null {
  for (const row of rows) {
    const { number, to, from } = checkpointOf(row);
    if (Number(row.number) === number && Number(row.to) === to) continue;
    return found('columns', from, `Checkpoint ${number} cannot be found by what it says.`);
  }
  return null;
}

function unfindable(rows: readonly FoundRow[]): Found | null {
  const row = rows.find(({ isFindable }) => !isFindable);
  if (!row) return null;
  const message = `Record ${String(row.sequence)} cannot be found by what it says.`;
  return { ...found('columns', Number(row.sequence), message), eventId: row.id };
}

function readAll(reader: ChainReader, rows: readonly AuditRow[]): Found | null {
  for (const row of rows) {
    try {
      reader.read(eventOf(row));
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      const message = `Record ${String(row.sequence)} does not have the form of a record.`;
      return { ...found('content', Number(row.sequence), message), eventId: row.id };
    }
  }
  return null;
}

function add(tally: Tally, report: ChainReport | null): void {
  if (!report) return;
  tally.checked += report.records;
  tally.checkpoints += report.checkpoints;
  tally.broken ??= report.broken;
}

/** How far the segments at the beginning of a stretch were removed, with tombstones. */
function removedUpTo(checkpoints: readonly Checkpoint[], after: Checkpoint | null): number {
  // Only a beginning is removed.
  if (after && !after.tombstone) return after.to;
  const kept = checkpoints.findIndex(({ tombstone }) => !tombstone);
  const removed = kept === -1 ? checkpoints : checkpoints.slice(0, kept);
  return removed.at(-1)?.to ?? after?.to ?? 0;
}

function missingAt(sequence: number): Found {
  return found('truncated', sequence, `Record ${String(sequence)} and what followed it are gone.`);
}

function found(code: string, sequence: number, message: string): Found {
  return { code, sequence, message, meaning: message, eventId: null, checkpoint: null };
}
