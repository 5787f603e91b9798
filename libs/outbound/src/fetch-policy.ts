import { isIP } from 'node:net';

import type { OutboundConfig } from '@tenantry/config';
import { type AddressKind, kindOf } from './address.js';
import { OutboundFailure } from './outbound-failure.js';

const URL_LENGTH_MAX = 2_048;

/** `new URL` drops tabs and line breaks and turns a backslash; whoever else read the URL may not have. */
const AMBIGUOUS = /[\s\\\p{Cc}]/u;

/** RFC 6761: these names are this machine, whatever a resolver says. */
const LOCALHOST = /(^|\.)localhost\.?$/;

/** Which URLs, at which addresses, the operator lets this process fetch. */
export class FetchPolicy {
  readonly #insecureOrigins: ReadonlySet<string>;
  readonly #allowedOrigins: ReadonlySet<string>;
  readonly #insecureLoopback: boolean;

  constructor({ insecureOrigins, insecureLoopback, allowedOrigins }: OutboundConfig) {
    this.#insecureOrigins = new Set(insecureOrigins);
    this.#insecureLoopback = insecureLoopback;
    this.#allowedOrigins = new Set(allowedOrigins);
  }

  /** Reads a URL and refuses what needs no resolver to be refused. */
  read(text: string): URL | OutboundFailure {
    const url = parse(text);
    if (!url) return new OutboundFailure('url_invalid');
    if (url.username || url.password) return new OutboundFailure('credentials_forbidden');
    if (!this.#mayHaveScheme(url)) return new OutboundFailure('scheme_forbidden');

    const address = LOCALHOST.test(url.hostname) ? '127.0.0.1' : literalAddressOf(url);
    return (address === null ? null : this.judge(url, [address])) ?? url;
  }

  /** Refuses `url` if a single one of its host's addresses is out of bounds. */
  judge(url: URL, addresses: readonly string[]): OutboundFailure | null {
    const offending = addresses.find((address) => !this.#admits(url, kindOf(address)));
    if (offending === undefined) return null;

    // What is public is refused only for being fetched over http.
    const reason = kindOf(offending) === 'public' ? 'scheme_forbidden' : 'address_forbidden';
    return new OutboundFailure(reason, { cause: new Error(`${url.host} is at ${offending}`) });
  }

  #mayHaveScheme({ protocol, origin }: URL): boolean {
    if (protocol === 'https:') return true;
    return protocol === 'http:' && (this.#insecureLoopback || this.#insecureOrigins.has(origin));
  }

  #admits(url: URL, kind: AddressKind): boolean {
    switch (kind) {
      case 'public':
        return url.protocol === 'https:' || this.#insecureOrigins.has(url.origin);
      case 'loopback':
        return this.#insecureLoopback || this.#isNamed(url);
      case 'private':
        return this.#isNamed(url);
      case 'forbidden':
        return false;
    }
  }

  #isNamed({ protocol, origin }: URL): boolean {
    return (
      this.#insecureOrigins.has(origin) ||
      (protocol === 'https:' && this.#allowedOrigins.has(origin))
    );
  }
}

/** The address that stands in the URL itself; WHATWG has already turned `0x7f.1` into `127.0.0.1`. */
export function literalAddressOf({ hostname }: URL): string | null {
  const host = hostname.replace(/^\[|\]$/g, '');
  return isIP(host) === 0 ? null : host;
}

function parse(text: string): URL | null {
  const isReadable = text.length <= URL_LENGTH_MAX && !AMBIGUOUS.test(text);
  return isReadable && URL.canParse(text) ? new URL(text) : null;
}
