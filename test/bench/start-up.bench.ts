import { ControlPlane } from './control-plane.js';
import type { Figure } from './figure.js';
import type { Population } from './registry.bench.js';
import { median } from './rounds.js';

/** From the spawn of the program to the first 200 of `/readyz`, with few and with many tenants. */
export async function startUpBench(
  few: Population,
  many: Population,
  { rounds }: { readonly rounds: number },
): Promise<Figure[]> {
  const populations = [few, many];
  const taken = new Map<Population, number[]>(populations.map((one) => [one, []]));
  for (const population of Array.from({ length: rounds + 1 }, () => populations).flat()) {
    const controlPlane = await ControlPlane.start(population.database.url);
    await controlPlane.stop();
    taken.get(population)?.push(controlPlane.readyAfterMs);
  }
  // The first start makes the first account and the signing keys, and does not count.
  const [fewMs, manyMs] = populations.map((one) => median(taken.get(one)?.slice(1) ?? []));
  if (fewMs === undefined || manyMs === undefined) throw new Error('Nothing was measured.');
  return [
    {
      what: `start-up, ${many.tenants.toLocaleString('en')} tenants`,
      baseline: `${few.tenants} tenants`,
      ratio: manyMs / fewMs,
      aim: 'about 1',
      measured: `${Math.round(manyMs)} ms; ${Math.round(fewMs)} ms`,
    },
  ];
}
