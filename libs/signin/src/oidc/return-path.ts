/**
 * A path of ours: one slash at the start, so that no host follows, and nothing that a browser would
 * read in another way than we do (a backslash for a slash, a line break for nothing).
 */
export const RETURN_PATH = /^\/(?![/\\])[^\\\p{Cc}]*$/u;

/** The full address of a path of ours, in the one form that leaves a reader no choice. */
export function returnUrl(publicUrl: string, path: string): string {
  const home = new URL(publicUrl);
  const url = new URL(path, home);
  return RETURN_PATH.test(path) && url.origin === home.origin ? url.href : home.href;
}
