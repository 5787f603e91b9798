import { findSourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';

const PLACE = /(file:\/\/[^\s()]+\.ts(?:\?[^\s():]*)?):(\d+):(\d+)/g;

/** Rewrites an error's stack to the lines of the TypeScript: Jest looks for them in its own modules only. */
export function toSourceLines(error) {
  if (typeof error?.stack !== 'string') return;
  error.stack = error.stack.replace(PLACE, (place, url, line, column) => {
    const entry = findSourceMap(url)?.findEntry(Number(line) - 1, Number(column) - 1);
    if (entry?.originalLine === undefined) return place;
    return `${fileURLToPath(url)}:${entry.originalLine + 1}:${entry.originalColumn + 1}`;
  });
}
