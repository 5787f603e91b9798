/** Whether the operating system, or PostgreSQL, refused with that code. */
export function hasCode(error: unknown, code: string): boolean {
  return textOf(error, 'code') === code;
}

/**
 * What an error of Node or of PostgreSQL tells beside its message; `null`: nothing of that kind.
 *
 * Not asked by `instanceof`: errors of Node come from another realm where code runs in a VM context.
 */
export function textOf(
  error: unknown,
  detail: 'code' | 'message' | 'path' | 'stderr',
): string | null {
  if (typeof error !== 'object' || error === null || !(detail in error)) return null;
  const value: unknown = Reflect.get(error, detail);
  return typeof value === 'string' ? value : null;
}
