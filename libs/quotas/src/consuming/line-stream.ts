import { type Clock, DomainError } from '@tenantry/kernel';

const LASTS_MS = 30_000;
/** So often a sender must still be whom the guard admitted. */
const READMITTED_EVERY_MS = 1_000;
/** Who does not read the last line by then goes without it. */
const READ_WITHIN_MS = 2_000;

/** A stream that lasted as long as one may, or whose node stops. */
export const STREAM_ENDED = 'quotas.stream_ended';
const UNEXPECTED = 'internal.unexpected';

/** What a stream of lines is of those who opened it. */
export interface LineSender {
  /** Throws what the sender would be refused with now. */
  readonly assertWelcome: () => Promise<void>;
  /** Ends the connection, read or not. */
  readonly cut: () => void;
  readonly failed: (error: unknown) => void;
}

/** How long one stream of lines goes on, whatever its sender says, leaves unsaid, or does not read. */
export class LineStream {
  readonly #over = new AbortController();
  readonly #endsAtMs: number;
  #admittedUntilMs: number;
  #end: string | null = null;
  #asking: Promise<void> | null = null;
  #cutting: NodeJS.Timeout | undefined;

  constructor(
    private readonly sender: LineSender,
    private readonly clock: Clock,
  ) {
    const now = clock.monotonicMs();
    this.#endsAtMs = now + LASTS_MS;
    this.#admittedUntilMs = now + READMITTED_EVERY_MS;
  }

  /** Why it ends; null: it goes on. */
  get end(): string | null {
    return this.#end;
  }

  /** Wakes who waits for a line that does not come. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Ends it where its time is over, or its sender would be refused; null: nothing is to be waited for. */
  watch(): Promise<void> | null {
    if (this.#end !== null) return null;
    const now = this.clock.monotonicMs();
    if (now >= this.#endsAtMs) {
      this.stop(STREAM_ENDED);
      return null;
    }
    if (now >= this.#admittedUntilMs) this.#asking ??= this.#ask();
    return this.#asking;
  }

  /** Ends it with a word, and soon after without one. */
  stop(code: string): void {
    if (this.#end !== null) return;
    this.#end = code;
    this.#over.abort();
    this.#cutting = setTimeout(this.sender.cut, READ_WITHIN_MS);
    this.#cutting.unref();
  }

  /** The connection is gone. */
  close(): void {
    this.stop(STREAM_ENDED);
    clearTimeout(this.#cutting);
  }

  async #ask(): Promise<void> {
    const askedAt = this.clock.monotonicMs();
    try {
      await this.sender.assertWelcome();
      this.#admittedUntilMs = askedAt + READMITTED_EVERY_MS;
    } catch (error) {
      if (!(error instanceof DomainError)) this.sender.failed(error);
      this.stop(error instanceof DomainError ? error.code : UNEXPECTED);
    } finally {
      this.#asking = null;
    }
  }
}
