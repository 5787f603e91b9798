import { type Clock, DomainError } from '@tenantry/kernel';

const LASTS_MS = 15 * 60_000;
/** So often a reader must still be whom the guard admitted. */
const READMITTED_EVERY_MS = 1_000;
/** So long a tail is silent before it says that it lives: whatever stands between lets it stand. */
const SILENT_MAX_MS = 15_000;
/** Who does not read the last word by then goes without it. */
const READ_WITHIN_MS = 2_000;

/** A tail that lasted as long as one may, or whose node stops: its reader asks for what follows. */
export const TAIL_ENDED = 'audit.tail_ended';
const UNEXPECTED = 'internal.unexpected';

/** What a tail is of those who opened it. */
export interface TailReader {
  /** Throws what the reader would be refused with now. */
  readonly assertWelcome: () => Promise<void>;
  /** Ends the connection, read or not. */
  readonly cut: () => void;
  readonly failed: (error: unknown) => void;
}

/** What a tail has to say next: how far its trail has come, that it ends, or only that it lives. */
export type TailNews = { readonly head: number } | { readonly end: string } | null;

/** How long one tail goes on, and what it waits for. */
export class Tail {
  readonly #endsAtMs: number;
  #admittedUntilMs: number;
  #spokeAtMs: number;
  #head = 0;
  #end: string | null = null;
  #isAsking = false;
  #wake: (() => void) | null = null;
  #cutting: NodeJS.Timeout | undefined;

  constructor(
    private readonly reader: TailReader,
    private readonly clock: Clock,
  ) {
    const now = clock.monotonicMs();
    this.#endsAtMs = now + LASTS_MS;
    this.#admittedUntilMs = now + READMITTED_EVERY_MS;
    this.#spokeAtMs = now;
  }

  /** Waits until there is something to say beyond this sequence. */
  async news(seen: number): Promise<TailNews> {
    while (this.#end === null && this.#head <= seen && !this.#isSilent) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#end !== null) return { end: this.#end };
    // Before what is new: that may all be what nobody asked for.
    return this.#isSilent ? null : { head: this.#head };
  }

  /** Says this: the tail is silent no longer. */
  spoken(text: string): string {
    this.#spokeAtMs = this.clock.monotonicMs();
    return text;
  }

  /** The trail has come as far as this. */
  moved(head: number): void {
    this.#head = Math.max(this.#head, head);
    this.#wake?.();
  }

  /** Ends it where its time is over, and asks whether its reader would still be admitted. */
  look(): void {
    if (this.#end !== null) return;
    const now = this.clock.monotonicMs();
    if (now >= this.#endsAtMs) this.stop(TAIL_ENDED);
    else if (now >= this.#admittedUntilMs && !this.#isAsking) void this.#ask();
    if (this.#isSilent) this.#wake?.();
  }

  /** Ends it with a word, and soon after without one. */
  stop(code: string): void {
    if (this.#end !== null) return;
    this.#end = code;
    this.#wake?.();
    this.#cutting = setTimeout(this.reader.cut, READ_WITHIN_MS);
    this.#cutting.unref();
  }

  /** The connection is gone. */
  close(): void {
    this.stop(TAIL_ENDED);
    clearTimeout(this.#cutting);
  }

  get #isSilent(): boolean {
    return this.clock.monotonicMs() - this.#spokeAtMs >= SILENT_MAX_MS;
  }

  async #ask(): Promise<void> {
    this.#isAsking = true;
    const askedAt = this.clock.monotonicMs();
    try {
      await this.reader.assertWelcome();
      this.#admittedUntilMs = askedAt + READMITTED_EVERY_MS;
    } catch (error) {
      if (!(error instanceof DomainError)) this.reader.failed(error);
      this.stop(error instanceof DomainError ? error.code : UNEXPECTED);
    } finally {
      this.#isAsking = false;
    }
  }
}
