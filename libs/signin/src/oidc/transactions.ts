import { Injectable } from '@nestjs/common';

import { SealBroken, Sealer } from '@tenantry/crypto';
import { Clock } from '@tenantry/kernel';
import { TransactionInvalid } from './oidc.errors.js';

const CONTEXT = 'oidc-transaction';
/** How long somebody may take at the provider. */
export const TRANSACTION_SECONDS = 600;

/** A sign-in that has begun: what its end is held to. */
export interface Transaction {
  readonly tenantId: string;
  readonly registrationId: string;
  readonly state: string;
  readonly nonce: string;
  /** Of PKCE (RFC 7636): it never leaves this service, but for the provider's token endpoint. */
  readonly codeVerifier: string;
  readonly returnTo: string;
  /** What the browser was signed in with when it began: the `Strict` cookie does not come back with it. */
  readonly previousSessionId: string | null;
}

interface SealedTransaction extends Transaction {
  readonly endsAtMs: number;
}

/** Keeps sign-ins under way in the browsers that began them: sealed, and nowhere else. */
@Injectable()
export class Transactions {
  constructor(
    private readonly sealer: Sealer,
    private readonly clock: Clock,
  ) {}

  seal(transaction: Transaction): string {
    const endsAtMs = this.clock.now().getTime() + TRANSACTION_SECONDS * 1_000;
    const sealed: SealedTransaction = { ...transaction, endsAtMs };
    return this.sealer.seal(Buffer.from(JSON.stringify(sealed)), CONTEXT).toString('base64url');
  }

  /** Throws `TransactionInvalid`. */
  open(text: string | null): Transaction {
    if (text === null) throw new TransactionInvalid();
    const { endsAtMs, ...transaction } = this.#read(text);
    if (endsAtMs <= this.clock.now().getTime()) throw new TransactionInvalid();
    return transaction;
  }

  #read(text: string): SealedTransaction {
    try {
      const sealed = this.sealer.open(Buffer.from(text, 'base64url'), CONTEXT);
      // What opens is what was sealed.
      return JSON.parse(sealed.toString()) as SealedTransaction;
    } catch (error) {
      if (error instanceof SealBroken) throw new TransactionInvalid({ cause: error });
      throw error;
    }
  }
}
