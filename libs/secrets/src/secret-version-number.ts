/** The greatest that PostgreSQL's integer holds. */
export const VERSION_MAX = 2_147_483_647;

/** Reads a version out of a path; null for what is none. */
export function versionNumberOf(text: string): number | null {
  if (!/^[1-9]\d{0,9}$/.test(text)) return null;
  const version = Number(text);
  return version <= VERSION_MAX ? version : null;
}
