import type { OutboundFailure } from './outbound-failure.js';

export interface FetchOptions {
  readonly maxBytes?: number;
  /** For the whole fetch: resolving, connecting, waiting and reading. */
  readonly timeoutMs?: number;
  /** Gives the fetch up, as if this process stopped. */
  readonly signal?: AbortSignal;
}

/** A form for a foreign server, and who sends it. */
export interface FormPost {
  readonly form: URLSearchParams;
  /** The `Authorization` header, where the server asks for one. */
  readonly authorization?: string;
}

/** What a foreign server made of a form: a refusal in JSON is an answer too. */
export interface JsonAnswer {
  readonly status: number;
  readonly body: unknown;
}

/** A JSON text for a foreign server, byte for byte, and the headers that go with it. */
export interface JsonPost {
  readonly body: string;
  /** In lower case; none that HTTP itself makes. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How a foreign server took what was posted to it; what else it said is dropped. */
export interface Receipt {
  readonly status: number;
  /** `Retry-After` (RFC 9110 §10.2.3); null where the server does not say. */
  readonly retryAfterSeconds: number | null;
}

/** The only way to fetch a URL that somebody else chose. */
export abstract class Outbound {
  /** Fetches a JSON document, for the caller to parse. Throws `OutboundFailure` alone. */
  abstract getJson(url: string, options?: FetchOptions): Promise<unknown>;

  /**
   * Posts a form, by the same rules as `getJson`; answers a 200 and a 4xx in JSON alike (RFC 6749
   * §5.2). Throws `OutboundFailure` alone.
   */
  abstract postForm(url: string, post: FormPost, options?: FetchOptions): Promise<JsonAnswer>;

  /**
   * Posts JSON, by the same rules as `getJson`; answers any status, that of a redirect too, which is
   * not followed. Throws `OutboundFailure` alone.
   */
  abstract postJson(url: string, post: JsonPost, options?: FetchOptions): Promise<Receipt>;

  /**
   * Says why `url` can never be fetched, without asking anybody; `null` if nothing speaks against it yet.
   * Good for an early refusal; `getJson` still checks where the host really is.
   */
  abstract explainUrl(url: string): OutboundFailure | null;
}
