import { finished, type Writable } from 'node:stream';

import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';

import { Clock } from '@tenantry/kernel';
import { TooManyStreams } from '../quotas.errors.js';
import { LineStream, STREAM_ENDED } from './line-stream.js';

const OF_TENANT_MAX = 100;
/** Real time: a silent stream is looked at as well. */
const LOOKS_EVERY_MS = 250;

/** The streams of lines that are open on this node: bounded, watched, and ended when it stops. */
@Injectable()
export class LineStreams implements OnModuleDestroy {
  readonly #logger = new Logger(LineStreams.name);
  readonly #ofTenants = new Map<string, Set<LineStream>>();
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(private readonly clock: Clock) {}

  /** Until the answer is closed. Throws `TooManyStreams`. */
  open(tenantId: string, answer: Writable, assertWelcome: () => Promise<void>): LineStream {
    const streams = this.#ofTenants.get(tenantId) ?? new Set();
    if (streams.size >= OF_TENANT_MAX) throw new TooManyStreams();
    const failed = (err: unknown): void => {
      this.#logger.error({ err }, 'Nobody could say whether a stream of lines may go on.');
    };
    const stream = new LineStream(
      { assertWelcome, failed, cut: () => answer.destroy() },
      this.clock,
    );
    this.#ofTenants.set(tenantId, streams.add(stream));
    finished(answer, () => {
      stream.close();
      this.#forget(tenantId, stream);
    });
    if (this.#isStopping) stream.stop(STREAM_ENDED);
    this.#timer ??= setInterval(() => {
      this.#look();
    }, LOOKS_EVERY_MS).unref();
    return stream;
  }

  /** Before the server waits for its answers to end. */
  onModuleDestroy(): void {
    this.#isStopping = true;
    for (const stream of this.#all()) stream.stop(STREAM_ENDED);
  }

  #look(): void {
    for (const stream of this.#all()) void stream.watch();
  }

  #all(): LineStream[] {
    return [...this.#ofTenants.values()].flatMap((streams) => [...streams]);
  }

  #forget(tenantId: string, stream: LineStream): void {
    const streams = this.#ofTenants.get(tenantId);
    streams?.delete(stream);
    if (streams?.size === 0) this.#ofTenants.delete(tenantId);
    if (this.#ofTenants.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
