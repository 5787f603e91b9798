/** What a cookie says; null where there is none of the name, too long a one, or where two claim to be it. */
export function cookieOf(
  header: string | undefined,
  name: string,
  lengthMax: number,
): string | null {
  const [only, ...others] = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return only && others.length === 0 && only.length <= lengthMax ? only : null;
}
