import type { PlatformTransaction } from '@tenantry/database';

/** Lets people in whom the platform has invited. The sign-in feature provides it. */
export abstract class PlatformAdmission {
  /** Makes the invited platform admin active, in the transaction that accepts the invitation. */
  abstract admit(tx: PlatformTransaction, personId: string): Promise<void>;
}
