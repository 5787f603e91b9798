import { Injectable } from '@nestjs/common';

import type { Answer } from './answer.js';
import { IdempotencyStore } from './idempotency-store.js';
import type { Fingerprint } from './request-fingerprint.js';
import { Sealer } from './sealer.js';

const ANSWER_BYTES_MAX = 1_048_576;

export type Entry =
  | { readonly state: 'started'; readonly fence: string }
  | { readonly state: 'running' }
  | { readonly state: 'mismatch' }
  | { readonly state: 'done'; readonly answer: Answer };

/** The answers that were given, always sealed: any of them may hold a secret that is shown once. */
@Injectable()
export class AnswerBook {
  constructor(
    private readonly store: IdempotencyStore,
    private readonly sealer: Sealer,
  ) {}

  async begin({ key, bodyDigest }: Fingerprint): Promise<Entry> {
    const begun = await this.store.begin(key, bodyDigest);
    if (begun.state !== 'done') return begun;

    const opened = this.sealer.open(begun.answer, contextOf(key));
    return { state: 'done', answer: JSON.parse(opened.toString()) as Answer };
  }

  /** Keeps `answer` for 24 hours, or forgets the request where there is none that can be kept. */
  async end({ key }: Fingerprint, fence: string, answer: Answer | null): Promise<void> {
    const plaintext = answer && Buffer.from(JSON.stringify(answer));
    if (plaintext && plaintext.length <= ANSWER_BYTES_MAX) {
      await this.store.complete(key, fence, this.sealer.seal(plaintext, contextOf(key)));
    } else {
      await this.store.abandon(key, fence);
    }
  }
}

// An answer copied into another row does not open.
function contextOf(key: Buffer): string {
  return `idempotency:${key.toString('base64url')}`;
}
