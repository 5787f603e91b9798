const TEXT_LENGTH_MAX = 500;
const ENTRIES_MAX = 50;
const DEPTH_MAX = 4;
const CUT = '…';

/** A value as JSON, cut to a bounded size: a token may hold anything. */
export function shown(value: unknown, depth = 0): unknown {
  if (value instanceof Date) return value.toISOString();
  if (value === null || typeof value !== 'object') return shownScalar(value);
  if (depth === DEPTH_MAX) return CUT;
  return Array.isArray(value) ? shownList(value, depth) : shownMembers(value, depth);
}

function shownScalar(value: unknown): unknown {
  if (typeof value === 'string') return shownText(value);
  // JSON.parse makes Infinity of 1e999, which JSON cannot say.
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : (value ?? null);
}

function shownText(text: string): string {
  return text.length > TEXT_LENGTH_MAX ? text.slice(0, TEXT_LENGTH_MAX) + CUT : text;
}

function shownList(list: readonly unknown[], depth: number): unknown[] {
  const items = list.slice(0, ENTRIES_MAX).map((item) => shown(item, depth + 1));
  return list.length > ENTRIES_MAX ? [...items, CUT] : items;
}

function shownMembers(object: object, depth: number): Record<string, unknown> {
  const members = Object.entries(object);
  const kept = members.slice(0, ENTRIES_MAX).map(([name, member]): [string, unknown] => {
    return [shownText(name), shown(member, depth + 1)];
  });
  if (members.length > ENTRIES_MAX) kept.push([CUT, CUT]);
  return Object.fromEntries(kept);
}
