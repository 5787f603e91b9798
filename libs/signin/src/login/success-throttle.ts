import { Injectable } from '@nestjs/common';

import { Throttled, ThrottleStorage } from '@tenantry/access';

const WINDOW_MS = 60_000;

/**
 * How often a minute whoever shows a credential that is right may do so. A password costs a hash of
 * 19 MiB, of which few run at once: nobody enters theirs more often than every three seconds. A
 * client's token lasts ten minutes: 300 are a new one for every job of a busy build. A session needs
 * a new token every ten minutes: 60 are one for every request of a client that keeps none.
 */
const SUCCESSES_MAX = { password: 20, client: 300, session: 60 } as const;

/** Holds those who are known to a rate: what they do rightly costs as much as a guess, and is no guess. */
@Injectable()
export class SuccessThrottle {
  constructor(private readonly storage: ThrottleStorage) {}

  /** Counts one use, for good. Throws `Throttled`. */
  async count(what: keyof typeof SUCCESSES_MAX, id: string): Promise<void> {
    const { isBlocked, timeToBlockExpire } = await this.storage.increment(
      keyOf(what, id),
      WINDOW_MS,
      SUCCESSES_MAX[what],
    );
    if (isBlocked) throw new Throttled(timeToBlockExpire);
  }

  /** The same before the costly look at it: `look` says whether it is right, and is not counted if not. */
  async countIf(
    what: keyof typeof SUCCESSES_MAX,
    id: string,
    look: () => Promise<boolean>,
  ): Promise<boolean> {
    await this.count(what, id);
    let isRight = false;
    try {
      isRight = await look();
      return isRight;
    } finally {
      if (!isRight) await this.storage.forgive(keyOf(what, id));
    }
  }
}

function keyOf(what: keyof typeof SUCCESSES_MAX, id: string): string {
  return `success:${what}:${id}`;
}
