import { createHmac, timingSafeEqual } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

import { AppConfig } from '@tenantry/config';
import { MasterKey } from '@tenantry/crypto';
import { CsrfRefused } from './access.errors.js';

const HEADER = 'x-csrf-token';
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);
/** What a browser says of a request that a page of another origin has made (Fetch Metadata). */
const OWN_SITE = new Set([undefined, 'same-origin', 'none']);

/**
 * Refuses requests that a foreign page has a browser make: a cookie comes along by itself, the
 * token of its session does not. `SameSite=Strict` alone would trust every sibling subdomain.
 */
@Injectable()
export class Csrf {
  readonly #key: Buffer;
  readonly #origin: string;

  constructor(masterKey: MasterKey, config: AppConfig) {
    this.#key = masterKey.derive('csrf');
    this.#origin = new URL(config.publicUrl).origin;
  }

  /** The token of one session: without the master key nobody can make it. */
  tokenOf(sessionId: string): string {
    return createHmac('sha256', this.#key).update(sessionId).digest('base64url');
  }

  /** Throws `CsrfRefused` for whatever changes something and did not come from a page of ours. */
  assertOwn({ method, headers }: FastifyRequest, sessionId: string): void {
    if (READING.has(method)) return;
    const { origin } = headers;
    if (origin !== undefined && origin !== this.#origin) throw new CsrfRefused();
    if (!OWN_SITE.has(headers['sec-fetch-site'])) throw new CsrfRefused();
    const shown = headers[HEADER];
    if (typeof shown !== 'string' || !this.#matches(shown, sessionId)) throw new CsrfRefused();
  }

  #matches(shown: string, sessionId: string): boolean {
    const expected = Buffer.from(this.tokenOf(sessionId));
    const given = Buffer.from(shown);
    return given.length === expected.length && timingSafeEqual(given, expected);
  }
}
