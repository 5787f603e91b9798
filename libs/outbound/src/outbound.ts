import type { OutboundFailure } from './outbound-failure.js';

export interface FetchOptions {
  readonly maxBytes?: number;
  /** For the whole fetch: resolving, connecting, waiting and reading. */
  readonly timeoutMs?: number;
}

/** The only way to fetch a URL that somebody else chose. */
export abstract class Outbound {
  /** Fetches a JSON document, for the caller to parse. Throws `OutboundFailure` alone. */
  abstract getJson(url: string, options?: FetchOptions): Promise<unknown>;

  /**
   * Says why `url` can never be fetched, without asking anybody; `null` if nothing speaks against it yet.
   * Good for an early refusal; `getJson` still checks where the host really is.
   */
  abstract explainUrl(url: string): OutboundFailure | null;
}
