/** How fast something went, and what it cost the process that did it. */
export interface Speed {
  readonly perSecond: number;
  readonly cpuMicrosEach: number;
}

/**
 * Measures candidates in turn, A B C A B C, so that whatever else the machine does meets them
 * alike, and takes the median of each. The first round warms up and does not count.
 */
export async function interleave<Name extends string>(
  candidates: Readonly<Record<Name, () => Promise<Speed>>>,
  rounds: number,
): Promise<Record<Name, Speed>> {
  const names = Object.keys(candidates) as Name[];
  const taken = new Map<Name, Speed[]>(names.map((name) => [name, []]));
  for (const name of Array.from({ length: rounds + 1 }, () => names).flat()) {
    taken.get(name)?.push(await candidates[name]());
  }
  return Object.fromEntries(
    names.map((name) => [name, medianSpeed(taken.get(name)?.slice(1) ?? [])]),
  ) as Record<Name, Speed>;
}

/** Runs an operation so many times, so many at once, and measures this process. */
export async function speedOf(
  { times, atOnce }: { readonly times: number; readonly atOnce: number },
  operation: (turn: number) => Promise<unknown>,
): Promise<Speed> {
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < times) {
      next += 1;
      await operation(next);
    }
  };
  const cpuBefore = process.cpuUsage();
  const begun = performance.now();
  await Promise.all(Array.from({ length: atOnce }, lane));
  const seconds = (performance.now() - begun) / 1_000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { perSecond: times / seconds, cpuMicrosEach: (user + system) / times };
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The smallest value that so large a part of all does not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  const rank = Math.max(0, Math.ceil(sorted.length * part) - 1);
  const value = sorted[rank];
  if (value === undefined) throw new Error('Nothing was measured.');
  return value;
}

/** For a line of the table: `12,345/s, 81 µs of CPU`. */
export function told({ perSecond, cpuMicrosEach }: Speed): string {
  const rate = Math.round(perSecond).toLocaleString('en');
  return `${rate}/s, ${Math.round(cpuMicrosEach)} µs of CPU`;
}

function medianSpeed(speeds: readonly Speed[]): Speed {
  return {
    perSecond: median(speeds.map(({ perSecond }) => perSecond)),
    cpuMicrosEach: median(speeds.map(({ cpuMicrosEach }) => cpuMicrosEach)),
  };
}
