import type { LimitName } from '../limit.js';

/** Thresholds of one window that are reached. */
export interface Reached {
  readonly kind: string;
  readonly name: LimitName;
  /** When the window began, in milliseconds since 1970. */
  readonly window: number;
  /** Percent, ascending. */
  readonly crossed: readonly number[];
}

/** Both, where they are of one window; else the later one: nobody asks for the other any more. */
export function merged(one: Reached, other: Reached): Reached {
  if (one.window !== other.window) return one.window > other.window ? one : other;
  const crossed = [...new Set([...one.crossed, ...other.crossed])];
  return { ...one, crossed: crossed.toSorted((less, more) => less - more) };
}
