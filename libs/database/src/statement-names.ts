const NAMES_MAX = 500;

/**
 * Names for prepared statements: the same SQL, the same name.
 *
 * Bounded: lists of varying length make ever new SQL, which then stays unnamed. Transaction
 * control has no plan worth keeping.
 */
export function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string>();
  const nameOf = ({ sql }: { readonly sql: string }): string | undefined => {
    if (/^(begin|commit|rollback|savepoint|release)/i.test(sql)) return undefined;
    const known = names.get(sql);
    if (known !== undefined || names.size >= NAMES_MAX) return known;
    const name = `tenantry_${names.size}`;
    names.set(sql, name);
    return name;
  };
  // The adapter's type wants a name for all; the driver takes undefined for `unnamed`.
  return nameOf as (query: { readonly sql: string }) => string;
}
