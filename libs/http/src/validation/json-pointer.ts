/** Where a value stands, as RFC 6901 writes it: `/audiences/0`; the whole document is ''. */
export function pointerOf(path: readonly string[]): string {
  return path.map((name) => `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}
