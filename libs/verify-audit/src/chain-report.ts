import type { Break } from './break.js';

/** What was found of a chain. */
export interface ChainReport {
  readonly valid: boolean;
  readonly broken: Break | null;
  readonly trail: string | null;
  /** How many records were found to be whole and in their place. */
  readonly records: number;
  readonly from: number | null;
  readonly to: number | null;
  /** How many checkpoints were found to be of these records. */
  readonly checkpoints: number;
  /** The last record that a checkpoint has signed, of those read or removed; 0 where none has. */
  readonly signedTo: number;
  /** Segments at the beginning that retention removed, with a tombstone each, and their last record. */
  readonly removedSegments: number;
  readonly removedTo: number;
  /** Personal values that were erased. */
  readonly erased: number;
  /** Whether nothing is said about what came before the first record. */
  readonly partial: boolean;
  /** The thumbprints of the keys that were trusted. */
  readonly keyIds: readonly string[];
}
