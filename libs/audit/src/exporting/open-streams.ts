import { finished, type Writable } from 'node:stream';

import { TooManyStreams } from './streams.errors.js';

/** The answers of this node that last, by trail: bounded, and known until they are closed. */
export class OpenStreams<Stream> {
  readonly #ofTrails = new Map<string, Set<Stream>>();

  constructor(private readonly ofTrailMax: number) {}

  get all(): Stream[] {
    return [...this.#ofTrails.values()].flatMap((streams) => [...streams]);
  }

  /** Throws `TooManyStreams`. */
  assertRoom(trail: string): void {
    if ((this.#ofTrails.get(trail)?.size ?? 0) >= this.ofTrailMax) throw new TooManyStreams();
  }

  /** Until the answer is closed. Throws `TooManyStreams`. */
  add(trail: string, stream: Stream, answer: Writable): void {
    this.assertRoom(trail);
    this.#ofTrails.set(trail, (this.#ofTrails.get(trail) ?? new Set()).add(stream));
    // Not when the last line was made: an answer that is not read to its end holds its place.
    finished(answer, () => {
      this.#forget(trail, stream);
    });
  }

  #forget(trail: string, stream: Stream): void {
    const streams = this.#ofTrails.get(trail);
    streams?.delete(stream);
    if (streams?.size === 0) this.#ofTrails.delete(trail);
  }
}
