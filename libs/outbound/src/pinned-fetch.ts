import type { IncomingHttpHeaders } from 'node:http';
import { isIP, type LookupFunction } from 'node:net';

import { Client, type Dispatcher } from 'undici';

import { OutboundFailure } from './outbound-failure.js';
import type { Interest, PinnedRequest } from './request.js';

const OK = 200;
const HEADER_BYTES_MAX = 16_384;

export interface PinnedFetch {
  readonly url: URL;
  /** The checked ones: no other address is connected to, and none is looked up. */
  readonly addresses: readonly string[];
  readonly maxBytes: number;
  /** Ends the fetch wherever it stands, and closes its socket. */
  readonly signal: AbortSignal;
  readonly trustedCertificates: string | undefined;
  readonly request: PinnedRequest;
}

/** A bounded body, and the head that it came with. */
export interface PinnedAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Fetches one body from the given addresses, over a connection of its own that is closed afterwards. */
export async function fetchPinned(fetch: PinnedFetch): Promise<PinnedAnswer> {
  const { url, maxBytes, signal, request } = fetch;
  const { interest, ...rest } = request;
  const client = clientFor(fetch);
  try {
    const path = url.pathname + url.search;
    const answer = await client.request({ path, signal, ...rest });
    const { statusCode: status, headers } = answer;
    if (interest === 'status') {
      // Read for the sake of manners: a server that is cut off may take it for a failure.
      await readAtMost(answer.body, maxBytes);
      return { status, headers, body: Buffer.alloc(0) };
    }
    refuseByHead(answer, maxBytes, interest);
    return { status, headers, body: await readBounded(answer.body, maxBytes) };
  } finally {
    await client.destroy();
  }
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

function refuseByHead(
  { statusCode, headers }: Dispatcher.ResponseData,
  maxBytes: number,
  interest: Interest,
): void {
  if (!isOfInterest(statusCode, interest)) {
    const reason = isBetween(statusCode, 300, 399) ? 'redirect' : 'status';
    throw new OutboundFailure(reason, { status: statusCode });
  }
  if (Number(headers['content-length'] ?? 0) > maxBytes) throw new OutboundFailure('too_large');
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') {
    throw new OutboundFailure('not_json');
  }
}

function isOfInterest(status: number, interest: Interest): boolean {
  return status === OK || (interest === 'refusals' && isBetween(status, 400, 499));
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

/** Drops what it reads, and stops where it is enough. */
async function readAtMost(body: AsyncIterable<Buffer>, maxBytes: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > maxBytes) return;
  }
}
