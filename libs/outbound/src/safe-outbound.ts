import type { OutboundConfig } from '@tenantry/config';
import { failureOf, traceOf } from './failure-of.js';
import { FetchPolicy, literalAddressOf } from './fetch-policy.js';
import {
  type FetchOptions,
  type FormPost,
  type JsonAnswer,
  type JsonPost,
  Outbound,
  type Receipt,
} from './outbound.js';
import { OutboundFailure } from './outbound-failure.js';
import { fetchPinned, type PinnedAnswer } from './pinned-fetch.js';
import { formRequest, GET, jsonRequest, type PinnedRequest } from './request.js';
import { type Resolve, resolveBySystem } from './resolve.js';
import { retryAfterOf } from './retry-after.js';

const MAX_BYTES = 256 * 1_024;
const TIMEOUT_MS = 5_000;

export interface SafeOutboundOptions {
  readonly resolve?: Resolve;
  /** PEM; trusted instead of the certificates that Node trusts. */
  readonly trustedCertificates?: string;
}

/** Fetches only from addresses that were checked, and never more or longer than it was told. */
export class SafeOutbound extends Outbound {
  readonly #policy: FetchPolicy;
  readonly #resolve: Resolve;
  readonly #trustedCertificates: string | undefined;
  readonly #running = new Map<AbortController, Promise<unknown>>();
  #isClosed = false;

  constructor(config: OutboundConfig, options: SafeOutboundOptions = {}) {
    super();
    this.#policy = new FetchPolicy(config);
    this.#resolve = options.resolve ?? resolveBySystem;
    this.#trustedCertificates = options.trustedCertificates;
  }

  explainUrl(url: string): OutboundFailure | null {
    const verdict = this.#policy.read(url);
    return verdict instanceof OutboundFailure ? verdict : null;
  }

  async getJson(url: string, options: FetchOptions = {}): Promise<unknown> {
    const { body } = await this.#fetch(url, GET, options);
    return parseJson(body);
  }

  async postForm(url: string, post: FormPost, options: FetchOptions = {}): Promise<JsonAnswer> {
    const { status, body } = await this.#fetch(url, formRequest(post), options);
    return { status, body: parseJson(body) };
  }

  async postJson(url: string, post: JsonPost, options: FetchOptions = {}): Promise<Receipt> {
    const { status, headers } = await this.#fetch(url, jsonRequest(post), options);
    return { status, retryAfterSeconds: retryAfterOf(headers) };
  }

  async #fetch(
    url: string,
    request: PinnedRequest,
    { maxBytes = MAX_BYTES, ...options }: FetchOptions,
  ): Promise<PinnedAnswer> {
    const target = this.#policy.read(url);
    if (target instanceof OutboundFailure) throw target;

    return this.#within(options, async (signal) => {
      const addresses = await this.#addressesOf(target, signal);
      const trustedCertificates = this.#trustedCertificates;
      return fetchPinned({
        url: target,
        addresses,
        maxBytes,
        signal,
        trustedCertificates,
        request,
      });
    });
  }

  /** Gives up what is still being fetched, and fetches nothing more. */
  async close(): Promise<void> {
    this.#isClosed = true;
    for (const flight of this.#running.keys()) flight.abort(new OutboundFailure('closed'));
    await Promise.allSettled(this.#running.values());
  }

  async onModuleDestroy(): Promise<void> {
    await this.close();
  }

  /** Runs one fetch under one deadline, after which nothing of it is left. */
  async #within<Result>(
    { timeoutMs = TIMEOUT_MS, signal }: FetchOptions,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    if (this.#isClosed || signal?.aborted === true) throw new OutboundFailure('closed');
    const flight = new AbortController();
    const forget = closeWith(flight, signal);
    const deadline = setTimeout(() => {
      flight.abort(new OutboundFailure('timeout'));
    }, timeoutMs);
    const running = work(flight.signal);
    this.#running.set(flight, running);
    try {
      return await running;
    } catch (error) {
      throw failureOf(flight.signal.aborted ? flight.signal.reason : error);
    } finally {
      clearTimeout(deadline);
      forget();
      this.#running.delete(flight);
      flight.abort();
    }
  }

  /** Asks the resolver once; what it says is checked here and connected to later. */
  async #addressesOf(url: URL, signal: AbortSignal): Promise<readonly string[]> {
    const literal = literalAddressOf(url);
    const addresses = literal ? [literal] : await this.#ask(url.hostname, signal);
    if (addresses.length === 0) throw new OutboundFailure('dns_failed');

    const refusal = this.#policy.judge(url, addresses);
    if (refusal) throw refusal;
    return addresses;
  }

  async #ask(hostname: string, signal: AbortSignal): Promise<readonly string[]> {
    try {
      return await unlessAborted(this.#resolve(hostname), signal);
    } catch (error) {
      throw new OutboundFailure('dns_failed', { cause: traceOf(error) });
    }
  }
}

/** Has `flight` given up as soon as `signal` is; answers how that is forgotten. */
function closeWith(flight: AbortController, signal: AbortSignal | undefined): () => void {
  const giveUp = (): void => {
    flight.abort(new OutboundFailure('closed'));
  };
  signal?.addEventListener('abort', giveUp);
  return () => signal?.removeEventListener('abort', giveUp);
}

/** A question to the system's resolver cannot be taken back, but need not be waited for. */
function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  return new Promise((settle, fail) => {
    signal.addEventListener('abort', () => {
      fail(new Error('aborted'));
    });
    work.then(settle, fail);
  });
}

function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    // Without a cause: the parser's message quotes the body.
    throw new OutboundFailure('not_json');
  }
}
