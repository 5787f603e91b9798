import { LIMITS } from './limits.js';
import { type Value, isList, isMap } from './values.js';

/** A value as JSON, cut to a bounded size: claims may be long, and lists made of them longer. */
export function preview(value: Value): unknown {
  return cut(value, { left: LIMITS.explainedText });
}

/** How many characters may still be shown. */
interface Room {
  left: number;
}

function cut(value: Value, room: Room): unknown {
  room.left -= 1;
  if (typeof value === 'string') return cutText(value, room);
  if (isList(value)) return cutList(value, room);
  if (isMap(value)) return cutMap(value, room);

  return scalar(value);
}

/** An int beyond 2^53 and the doubles that JSON does not know are shown as text. */
function scalar(value: Value): unknown {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  }
  return typeof value === 'number' && !Number.isFinite(value) ? String(value) : value;
}

function cutText(text: string, room: Room): string {
  const shown = text.slice(0, Math.max(0, room.left));
  room.left -= shown.length;

  return shown.length < text.length ? `${shown}…` : text;
}

function cutList(list: readonly Value[], room: Room): unknown[] {
  const shown: unknown[] = [];
  for (const element of list) {
    if (room.left <= 0) return [...shown, '…'];
    shown.push(cut(element, room));
  }
  return shown;
}

function cutMap(map: ReadonlyMap<string, Value>, room: Room): Record<string, unknown> {
  const shown: [string, unknown][] = [];
  for (const [key, value] of map) {
    if (room.left <= 0) return Object.fromEntries([...shown, ['…', '…']]);
    shown.push([cutText(key, room), cut(value, room)]);
  }
  return Object.fromEntries(shown);
}
