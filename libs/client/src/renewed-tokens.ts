import type { Timing } from './timing.js';
import type { TokenSource } from './token-source.js';

export interface Held {
  readonly accessToken: string;
  /** From when on another is fetched, in milliseconds since 1970; null where only a 401 tells. */
  readonly renewAt: number | null;
}

const MARGIN = 30_000;

/** Tokens that are renewed shortly before they end, or when one is refused: once for all who wait. */
export abstract class RenewedTokens<T extends Held> implements TokenSource {
  #pending: Promise<T> | null = null;
  #held: T | null;

  constructor(
    private readonly timing: Pick<Timing, 'now'>,
    held: T | null,
  ) {
    this.#held = held;
  }

  protected abstract renew(held: T | null): Promise<T>;

  async current(): Promise<string> {
    const held = this.#held;
    const isGood = held && (held.renewAt === null || this.timing.now() < held.renewAt);
    return isGood ? held.accessToken : (await this.#renewed()).accessToken;
  }

  async inPlaceOf(refused: string): Promise<string> {
    const held = this.#held;
    // Somebody else, whose token was refused as well, has already fetched another.
    if (held && held.accessToken !== refused) return held.accessToken;
    return (await this.#renewed()).accessToken;
  }

  /** What is held from now on. */
  protected hold(held: T): void {
    this.#held = held;
  }

  #renewed(): Promise<T> {
    this.#pending ??= this.renew(this.#held).finally(() => {
      this.#pending = null;
    });
    return this.#pending;
  }
}

/** When to renew a token that is good for so long: half a minute early, or a tenth of a short life. */
export function renewalOf(now: number, lifetime: number): number {
  return now + lifetime - Math.min(MARGIN, lifetime / 10);
}
