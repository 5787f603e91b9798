import { cookieOf } from '@tenantry/access';
import { TRANSACTION_SECONDS } from './transactions.js';

const NAME = '__Host-tenantry-signin';
const LENGTH_MAX = 4_096;
/** `Lax`: it must come along when the provider sends the browser back. */
const ATTRIBUTES = 'Path=/; HttpOnly; Secure; SameSite=Lax';

/** The header that has a browser keep a sign-in under way (RFC 6265bis §4.1). */
export function transactionCookie(sealed: string): string {
  return `${NAME}=${sealed}; Max-Age=${TRANSACTION_SECONDS}; ${ATTRIBUTES}`;
}

/** The header that takes it away again. */
export function noTransactionCookie(): string {
  return `${NAME}=; Max-Age=0; ${ATTRIBUTES}`;
}

/** What the browser kept; null where there is nothing, or where two claim to be it. */
export function transactionOf(header: string | undefined): string | null {
  return cookieOf(header, NAME, LENGTH_MAX);
}
