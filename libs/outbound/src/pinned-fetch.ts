import { isIP, type LookupFunction } from 'node:net';

import { Client, type Dispatcher } from 'undici';

import type { FormPost } from './outbound.js';
import { OutboundFailure } from './outbound-failure.js';

const OK = 200;
const HEADER_BYTES_MAX = 16_384;

const HEADERS = {
  accept: 'application/json',
  // What is not compressed cannot be a bomb; nothing here would unpack it either.
  'accept-encoding': 'identity',
  'user-agent': 'tenantry',
};

export interface PinnedFetch {
  readonly url: URL;
  /** The checked ones: no other address is connected to, and none is looked up. */
  readonly addresses: readonly string[];
  readonly maxBytes: number;
  /** Ends the fetch wherever it stands, and closes its socket. */
  readonly signal: AbortSignal;
  readonly trustedCertificates: string | undefined;
  /** What is posted; undefined: nothing, the body is only fetched. */
  readonly post: FormPost | undefined;
}

/** A bounded body, and the status that it came with. */
export interface PinnedAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** Fetches one body from the given addresses, over a connection of its own that is closed afterwards. */
export async function fetchPinned(fetch: PinnedFetch): Promise<PinnedAnswer> {
  const { url, maxBytes, signal, post } = fetch;
  const client = clientFor(fetch);
  try {
    const path = url.pathname + url.search;
    const answer = await client.request({ path, signal, ...requestOf(post) });
    refuseByHead(answer, { maxBytes, refusalsToo: post !== undefined });
    return { status: answer.statusCode, body: await readBounded(answer.body, maxBytes) };
  } finally {
    await client.destroy();
  }
}

type Request = Pick<Dispatcher.RequestOptions, 'method' | 'body' | 'headers'>;

function requestOf(post: FormPost | undefined): Request {
  if (!post) return { method: 'GET', headers: HEADERS };
  const { form, authorization } = post;
  const headers = {
    ...HEADERS,
    'content-type': 'application/x-www-form-urlencoded',
    ...(authorization === undefined ? {} : { authorization }),
  };
  return { method: 'POST', headers, body: form.toString() };
}

/** A client of its own for each fetch: a pooled connection would outlive the check of its address. */
function clientFor({ url, addresses, signal, trustedCertificates }: PinnedFetch): Client {
  return new Client(url.origin, {
    allowH2: false,
    pipelining: 0,
    maxHeaderSize: HEADER_BYTES_MAX,
    // The signal bounds the whole fetch; these would only bound parts of it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: {
      lookup: answerWith(addresses),
      autoSelectFamily: true,
      signal,
      timeout: 0,
      maxCachedSessions: 0,
      // Said aloud, or NODE_TLS_REJECT_UNAUTHORIZED=0 would have a say.
      rejectUnauthorized: true,
      minVersion: 'TLSv1.2',
      ...(trustedCertificates === undefined ? {} : { ca: trustedCertificates }),
    },
  });
}

/** A lookup that looks nothing up: a second answer of the resolver is never heard (DNS rebinding). */
function answerWith(addresses: readonly string[]): LookupFunction {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all }, callback) => {
    const [first] = pinned;
    if (all || !first) callback(null, pinned);
    else callback(null, first.address, first.family);
  };
}

/** `refusalsToo`: what the server says to a request that it refuses is of interest as well. */
function refuseByHead(
  { statusCode, headers }: Dispatcher.ResponseData,
  { maxBytes, refusalsToo }: { readonly maxBytes: number; readonly refusalsToo: boolean },
): void {
  if (statusCode !== OK && !(refusalsToo && isBetween(statusCode, 400, 499))) {
    const reason = isBetween(statusCode, 300, 399) ? 'redirect' : 'status';
    throw new OutboundFailure(reason, { status: statusCode });
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new OutboundFailure('too_large');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new OutboundFailure('not_json');
  }
}

function isBetween(status: number, first: number, last: number): boolean {
  return status >= first && status <= last;
}

async function readBounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) throw new OutboundFailure('too_large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
