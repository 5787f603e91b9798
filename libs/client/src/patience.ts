import { retryAfterSeconds } from './retry-after.js';
import { codeIn } from './tenantry-error.js';
import type { Timing } from './timing.js';

export type Send = (request: Request) => Promise<Response>;

export interface PatienceOptions {
  readonly retries: number;
  readonly maxWaitSeconds: number;
}

const FIRST_BACKOFF = 200;
const LONGEST_BACKOFF = 5_000;
const PASSING = new Set([429, 502, 503, 504]);

/** Sends a request again where that may help, as often as it may, and never sooner than told. */
export class Patience {
  constructor(
    private readonly fetch: Send,
    private readonly timing: Timing,
    private readonly options: PatienceOptions,
  ) {}

  /** Sends a copy of `request`, so that it can be sent once more. */
  async send(request: Request, isRepeatable: boolean): Promise<Response> {
    for (let sent = 1; ; sent += 1) {
      const isLast = !isRepeatable || sent > this.options.retries;
      const response = await this.#attempt(request, isLast);
      const wait = isLast ? null : await this.#waitAfter(response, sent);
      if (response && wait === null) return response;

      await response?.body?.cancel();
      await this.#pause(wait ?? 0, request.signal);
    }
  }

  /** The answer, or null where there was none and the request may be sent again. */
  async #attempt(request: Request, isLast: boolean): Promise<Response | null> {
    request.signal.throwIfAborted();
    try {
      return await this.fetch(request.clone());
    } catch (error) {
      if (isLast || request.signal.aborted) throw error;
      return null;
    }
  }

  async #pause(milliseconds: number, signal: AbortSignal): Promise<void> {
    await this.timing.sleep(milliseconds, signal);
    signal.throwIfAborted();
  }

  /** For how many milliseconds to wait; null where the answer stands. */
  async #waitAfter(response: Response | null, sent: number): Promise<number | null> {
    if (response && !(await isPassing(response))) return null;
    const told = response && retryAfterSeconds(response.headers, this.timing.now());
    if (told !== null) return told <= this.options.maxWaitSeconds ? told * 1000 : null;

    // Half of it by chance, so that those who failed together do not come back together.
    const backoff = Math.min(LONGEST_BACKOFF, FIRST_BACKOFF * 2 ** (sent - 1));
    return backoff * (0.5 + this.timing.random() / 2);
  }
}

/** The code of a refusal, without taking its body from whoever reads it next. */
export async function codeOf(response: Response): Promise<string | null> {
  try {
    return codeIn(await response.clone().json());
  } catch {
    return null;
  }
}

async function isPassing(response: Response): Promise<boolean> {
  // The first request with this key is still at work; its answer is worth waiting for.
  if (response.status === 409) return (await codeOf(response)) === 'request.idempotency_running';
  if (!PASSING.has(response.status)) return false;
  // A quota is not a rush: whoever asks again only spends more of what is left.
  return response.status !== 429 || (await codeOf(response)) !== 'quotas.exhausted';
}
