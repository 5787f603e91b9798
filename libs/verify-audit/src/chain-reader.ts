import { type Break, breakAt, type Place } from './break.js';
import type { ChainReport } from './chain-report.js';
import { type Checkpoint, NO_HASH, type PublicKey } from './checkpoint.js';
import { type CheckpointList, checkpointList } from './checkpoint-list.js';
import { brokenCommitment, contentOf, erasedOf, eventFrom, idOf } from './event.js';
import { type Link, linkHashOf, trailOf } from './record.js';
import { removedSegments, Segments } from './segments.js';

export interface ChainOptions {
  readonly checkpoints?: readonly Checkpoint[];
  /** The keys that may sign; without any, the key of the first checkpoint. */
  readonly keys?: readonly PublicKey[];
  /** Whether the first record may be any: then nothing is said about those before it. */
  readonly partial?: boolean;
}

/** A record, as far as a chain needs it. */
export interface ChainedRecord extends Link {
  readonly hash: Buffer;
  readonly id?: string | null;
}

/**
 * Follows a chain record by record, in memory that does not grow with it, up to where it is broken.
 * What comes after that is not looked at.
 */
export class ChainReader {
  private readonly list: CheckpointList;
  private readonly segments: Segments;
  private readonly removed: readonly Checkpoint[];
  private readonly partial: boolean;
  private found: Break | null;
  /** A record is missing where it ought to be: gone, or further down. */
  private missing: Break | null = null;
  private trail: string | null;
  private first: number | null = null;
  private last = 0;
  /** The hash of record `last`; null where it was not seen. */
  private previous: Buffer | null = null;
  private records = 0;
  private erased = 0;

  constructor({ checkpoints = [], keys = [], partial = false }: ChainOptions = {}) {
    this.list = checkpointList(checkpoints, keys);
    this.segments = new Segments(this.list.checkpoints);
    this.removed = removedSegments(this.list.checkpoints);
    this.partial = partial;
    this.found = this.list.broken;
    this.trail = this.list.checkpoints[0]?.trail ?? null;
  }

  /** Where the chain is broken, as soon as that is certain. */
  get broken(): Break | null {
    return this.found;
  }

  /** Reads the next event, of JSON that nobody has looked at. Throws `Unreadable`. */
  read(value: unknown): void {
    if (this.found) return;
    const event = eventFrom(value);
    const { sequence, at } = event;
    const place = { sequence, id: idOf(event) };
    if (!this.isNext(place)) return;
    const pointer = brokenCommitment(event);
    if (pointer !== null) {
      this.found = breakAt(place, 'commitment', 'A personal value is not what was committed to.');
      return;
    }
    this.append(place, {
      trail: trailOf(event),
      sequence,
      at,
      content: contentOf(event),
      previousHash: Buffer.from(event.previousHash, 'hex'),
      hash: Buffer.from(event.hash, 'hex'),
    });
    this.erased += erasedOf(event);
  }

  /** Reads the next record, whose content was hashed already. */
  follow(record: ChainedRecord): void {
    if (!this.found && this.isNext(record)) this.append(record, record);
  }

  /** What was found, now that no record is left. */
  end(): ChainReport {
    this.found ??= this.missing ?? this.truncation();
    const { checkpoints, keyIds } = this.list;
    const reached = this.reached();
    const before = this.removed.filter(({ to }) => to < (this.first ?? Infinity));
    const removedTo = before.at(-1)?.to ?? 0;
    return {
      valid: this.found === null,
      broken: this.found,
      trail: this.trail,
      records: this.records,
      from: this.first,
      to: this.records > 0 ? this.last : null,
      checkpoints: this.segments.checked,
      signedTo: checkpoints.findLast(({ to }) => to <= reached)?.to ?? 0,
      removedSegments: before.length,
      removedTo,
      erased: this.erased,
      partial: (this.first ?? 0) > removedTo + 1,
      keyIds,
    };
  }

  /** Whether this is the record that ought to come next. */
  private isNext(place: Place): boolean {
    const { sequence } = place;
    if (this.missing) {
      if (sequence !== this.missing.sequence) return false;
      this.found = breakAt(place, 'reordered', `Record ${sequence} stands after later ones.`);
    } else if (this.first === null) {
      this.begin(place);
    } else if (sequence > this.last + 1) {
      const message = `Record ${this.last + 1} is missing: ${sequence} follows on ${this.last}.`;
      this.missing = breakAt({ sequence: this.last + 1 }, 'gap', message);
    } else if (sequence <= this.last) {
      this.found =
        sequence < this.first
          ? breakAt(place, 'reordered', `Record ${sequence} stands after later ones.`)
          : breakAt(place, 'duplicate', `Record ${sequence} is there twice.`);
    }
    return !this.found && !this.missing;
  }

  private begin({ sequence }: Place): void {
    const before = sequence - 1;
    const isTold = before === 0 || this.removed.some(({ to }) => to === before);
    if (!isTold && !this.partial) {
      const gone = (this.removed.findLast(({ to }) => to < before)?.to ?? 0) + 1;
      const message = `The first record is ${sequence}; nothing says where ${gone} to ${before} are.`;
      this.missing = breakAt({ sequence: gone }, 'removed', message);
      return;
    }
    this.first = sequence;
    this.last = before;
    this.previous = this.headAt(before);
  }

  /** The hash of a record that was not read: known where a checkpoint ends with it. */
  private headAt(sequence: number): Buffer | null {
    const { checkpoints } = this.list;
    const head = sequence === 0 ? NO_HASH : checkpoints.find(({ to }) => to === sequence)?.headHash;
    return head === undefined ? null : Buffer.from(head, 'hex');
  }

  private append(place: Place, record: ChainedRecord): void {
    this.found = this.faultOf(place, record) ?? this.segments.add(place, record.hash);
    if (this.found) return;
    this.trail = record.trail;
    this.previous = record.hash;
    this.last = record.sequence;
    this.records += 1;
  }

  private faultOf(place: Place, record: ChainedRecord): Break | null {
    const { sequence } = place;
    if (this.trail !== null && record.trail !== this.trail) {
      return breakAt(place, 'trail', `Record ${sequence} is of another trail.`);
    }
    if (this.previous && !record.previousHash.equals(this.previous)) {
      const message = `Record ${sequence} does not name the hash of record ${sequence - 1}.`;
      return breakAt(place, 'previous_hash', message);
    }
    if (!linkHashOf(record).equals(record.hash)) {
      return breakAt(place, 'content', `Record ${sequence} does not have the hash that it bears.`);
    }
    return null;
  }

  private truncation(): Break | null {
    const reached = this.reached();
    const beyond = this.list.checkpoints.find(({ to }) => to > reached);
    if (!beyond) return null;
    const { number, to } = beyond;
    const message = `The last record is ${reached}, but checkpoint ${number} has signed ${to}.`;
    return breakAt({ sequence: reached + 1, checkpoint: number }, 'truncated', message);
  }

  /** The last record that was read, or that is known to have been removed. */
  private reached(): number {
    return this.first === null ? (this.removed.at(-1)?.to ?? 0) : this.last;
  }
}
