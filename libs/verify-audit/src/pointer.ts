type Values = Record<string, unknown>;

const REMEMBERED_MAX = 1_000;

/** A trail has few pointers, and many records that bear them. */
const remembered = new Map<string, readonly string[]>();

/** The value at a JSON pointer (RFC 6901); undefined where the object has no such place. */
export function valueAt(object: Readonly<Values>, pointer: string): unknown {
  let value: unknown = object;
  for (const name of namesOf(pointer)) {
    if (!bears(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

/**
 * The object with other values at some JSON pointers; what lies on the way is copied, and the object
 * stays as it is. A place that it does not have is not made: its value is left out.
 */
export function withValuesAt(
  object: Readonly<Values>,
  values: Iterable<[string, unknown]>,
): Values {
  const top: Values = { ...object };
  const copies = new Set<unknown>([top]);
  for (const [pointer, value] of values) put(top, namesOf(pointer), { value, copies });
  return top;
}

/** Puts a value where names lead to; what is on the way becomes a copy, unless it is one. */
function put(
  top: Values,
  names: readonly string[],
  { value, copies }: { readonly value: unknown; readonly copies: Set<unknown> },
): void {
  let parent: unknown = top;
  for (const [depth, name] of names.entries()) {
    if (!bears(parent, name)) return;
    if (depth === names.length - 1) parent[name] = value;
    else if (!copies.has(parent[name])) copies.add((parent[name] = copyOf(parent[name])));
    parent = parent[name];
  }
}

/** The names of a pointer, one after the other; none for the object as a whole. */
function namesOf(pointer: string): readonly string[] {
  const known = remembered.get(pointer);
  if (known) return known;
  const names = pointer
    .split('/')
    .slice(1)
    .map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (remembered.size >= REMEMBERED_MAX) remembered.clear();
  remembered.set(pointer, names);
  return names;
}

/** Whether a value has a place of that name, as its own: a hostile name must not reach a prototype. */
function bears(value: unknown, name: string): value is Values {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name);
}

function copyOf(value: unknown): unknown {
  if (Array.isArray(value)) return [...(value as unknown[])];
  return typeof value === 'object' ? { ...value } : value;
}
