import { type Speed, told } from './rounds.js';

/** One line of the result: something measured, over something else that was measured beside it. */
export interface Figure {
  readonly what: string;
  readonly baseline: string;
  readonly ratio: number;
  /** What DESIGN asks of the ratio, or of the figure itself; null: nothing. */
  readonly aim: string | null;
  readonly measured: string;
}

/** One speed over another. */
export function ratioOf(
  what: string,
  speed: Speed,
  { baseline, against, aim }: { baseline: string; against: Speed; aim?: string },
): Figure {
  const ratio = speed.perSecond / against.perSecond;
  return { what, baseline, ratio, aim: aim ?? null, measured: `${told(speed)}; ${told(against)}` };
}

const HEADINGS = ['what', 'against', 'ratio', 'aim', 'measured'];

/** The figures as a table, columns aligned. */
export function tableOf(figures: readonly Figure[]): string {
  const rows = figures.map(({ what, baseline, ratio, aim, measured }) => [
    what,
    baseline,
    ratio.toFixed(2),
    aim ?? '',
    measured,
  ]);
  const widths = HEADINGS.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width));
  return [HEADINGS, rule, ...rows].map(line).join('\n');
}
