/** Whether PostgreSQL can store a text as it is: it knows neither NUL nor half a character. */
export function isStorable(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0') && !/\p{Surrogate}/u.test(value);
}
