import { Injectable } from '@nestjs/common';

import { DomainError } from '@tenantry/kernel';
import { Throttled } from './access.errors.js';
import { networkOf } from './network.js';
import { ThrottleStorage } from './throttle-storage.js';

const WINDOW_MS = 60_000;

/**
 * How many failed attempts a minute an address has. A bad token costs us a signature, fetches are
 * bounded elsewhere; a client secret is to be guessed by nobody.
 */
const FAILURES_MAX = { token: 1_000, secret: 60 } as const;

/** Limits those whom nobody knows yet, by their address: a guess costs the guesser alone. */
@Injectable()
export class AddressThrottle {
  constructor(private readonly storage: ThrottleStorage) {}

  /** Runs `work`, and counts it against the address unless it succeeds. */
  async attempt<Result>(
    what: keyof typeof FAILURES_MAX,
    ip: string,
    work: () => Promise<Result>,
  ): Promise<Result> {
    const key = `address:${what}:${networkOf(ip)}`;
    // Counted before the work, so that attempts at the same moment cannot all slip through.
    const { isBlocked, timeToBlockExpire } = await this.storage.increment(
      key,
      WINDOW_MS,
      FAILURES_MAX[what],
    );
    if (isBlocked) {
      // What is turned away unseen was no guess: many honest ones at once must not block each other for good.
      await this.storage.forgive(key);
      throw new Throttled(timeToBlockExpire);
    }
    try {
      const result = await work();
      await this.storage.forgive(key);
      return result;
    } catch (error) {
      if (!isGuess(error)) await this.storage.forgive(key);
      throw error;
    }
  }
}

/** A failure that says nothing of the credential is not the caller's. */
function isGuess(error: unknown): boolean {
  return !(error instanceof DomainError) || error.kind === 'unauthenticated';
}
