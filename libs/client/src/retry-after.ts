/** What `Retry-After` says, be it seconds or a date (RFC 9110 §10.2.3); null where it says nothing. */
export function retryAfterSeconds(headers: Headers, now: number): number | null {
  const said = headers.get('Retry-After')?.trim();
  if (!said) return null;
  if (/^\d+$/.test(said)) return Number(said);

  const date = Date.parse(said);
  return Number.isNaN(date) ? null : Math.max(0, Math.ceil((date - now) / 1000));
}
