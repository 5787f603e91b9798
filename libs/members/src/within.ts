import type { Within } from '@tenantry/access';
import type { TenantTransaction } from '@tenantry/database';

/** Whether something is looked up inside a transaction, or by itself. */
export function isTransaction(within: Within): within is TenantTransaction {
  return 'query' in within;
}
