import { createHmac } from 'node:crypto';

import type { FastifyRequest } from 'fastify';

/** Which request it is, and what it carries, in digests that tell nobody either. */
export interface Fingerprint {
  readonly key: Buffer;
  readonly bodyDigest: Buffer;
}

const KEY_BYTES = 32;

/** Makes the fingerprints of requests. Keyed, so that a body cannot be guessed from its digest. */
export class RequestFingerprint {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new Error(`A fingerprint key is ${KEY_BYTES} bytes.`);
    this.#key = key;
  }

  of(request: FastifyRequest, caller: string, idempotencyKey: string): Fingerprint {
    const [path, ...query] = request.url.split('?');
    return {
      key: this.#digest(['request', caller, request.method, path, idempotencyKey]),
      bodyDigest: this.#digest(['body', query.join('?'), request.body ?? null]),
    };
  }

  #digest(parts: readonly unknown[]): Buffer {
    return createHmac('sha256', this.#key).update(JSON.stringify(parts)).digest();
  }
}
