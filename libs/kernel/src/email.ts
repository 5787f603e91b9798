/**
 * An e-mail address in the one form of all its spellings. The part before the @ is folded too:
 * no provider of today tells `Ada@` from `ada@`, and an account that can be doubled can be hijacked.
 */
export function foldEmail(email: string): string {
  return email.trim().normalize('NFKC').toLowerCase();
}
