import type { AskedLimit } from './asked-limit.js';
import { numbersOf } from './decision.js';

/** What a script replied. */
export interface Reply {
  /** Whether the key was used before: then all of this is from that time. */
  readonly isRepeated: boolean;
  readonly limits: readonly AskedLimit[];
  readonly numbers: readonly number[];
}

/** Null where the key was used for something else. */
export function replyOf(given: unknown, asked: readonly AskedLimit[]): Reply | null {
  const [state, limits, numbers] = Array.isArray(given) ? given.map(String) : [];
  if (state === 'mismatch') return null;
  if (numbers === undefined) throw new Error('Redis replied something else.');
  const isRepeated = state === 'repeated';
  return {
    isRepeated,
    limits: isRepeated ? (JSON.parse(limits ?? '') as readonly AskedLimit[]) : asked,
    numbers: numbersOf(numbers),
  };
}
