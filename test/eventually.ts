import { setTimeout as pause } from 'node:timers/promises';

const WITHIN_MS = 20_000;

export interface Patience {
  readonly withinMs?: number;
  /** Between two looks; none where each look takes its own time. */
  readonly pauseMs?: number;
}

/** Looks until it finds what is wanted, because another process must catch up; bounded, and says what it saw last. */
export async function eventually<Found>(
  look: () => Found | Promise<Found>,
  isWanted: (found: Found) => boolean,
  { withinMs = WITHIN_MS, pauseMs = 10 }: Patience = {},
): Promise<Found> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const found = await look();
    if (isWanted(found)) return found;
    if (performance.now() > deadline) {
      throw new Error(`Not within ${withinMs} ms; last: ${JSON.stringify(found)}`);
    }
    if (pauseMs > 0) await pause(pauseMs);
  }
}
