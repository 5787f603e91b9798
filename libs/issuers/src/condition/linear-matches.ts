import { RE2JS, RE2JSException } from 're2js';
import { LIMITS } from './limits.js';
import { type Meter } from './meter.js';

/** The pattern cannot be used; the message says why. */
export class PatternRefused extends Error {}

/** A pattern of the RE2 class: its time is at most proportional to text times pattern. */
export class LinearPattern {
  private constructor(private readonly regex: RE2JS) {}

  static compile(pattern: string): LinearPattern {
    // Compiling unrolls counted repetitions: measured first, a bomb costs nothing.
    if (unrolledSize(pattern) > LIMITS.regexSize) throw tooLarge();

    const regex = parsed(pattern);
    if (regex.programSize() > LIMITS.regexSize) throw tooLarge();

    return new LinearPattern(regex);
  }

  foundIn(text: string, meter: Meter): boolean {
    meter.charge(10 + ((text.length * this.regex.programSize()) >> 1));

    // Not test(): its lazy automaton may grow to 8 MB a pattern, and building it costs more than this.
    return this.regex.matcher(text).find();
  }
}

function parsed(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern);
  } catch (error) {
    if (error instanceof RE2JSException) throw new PatternRefused(error.message, { cause: error });
    throw error;
  }
}

function tooLarge(): PatternRefused {
  return new PatternRefused(`it unrolls to more than ${LIMITS.regexSize} instructions`);
}

const TOKEN =
  /\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|(?<open>\()|(?<close>\))|\{(?<least>\d+)(?:,(?<most>\d*))?\}|./gsu;

/** An upper estimate of the instructions a pattern compiles to; an atom counts one, a group two. */
function unrolledSize(pattern: string): number {
  // Inside \Q…\E brackets and braces would be text, and the estimate wrong.
  if (pattern.includes('\\Q')) throw new PatternRefused('\\Q is not available');

  const size = new UnrolledSize();
  for (const { groups = {} } of pattern.matchAll(TOKEN)) {
    if (groups['open'] !== undefined) size.open();
    else if (groups['close'] !== undefined) size.close();
    else if (groups['least'] !== undefined) size.repeat(copies(groups['least'], groups['most']));
    else size.atom();
  }
  return size.total;
}

/** `a{2}` is two copies, `a{2,}` three, `a{2,5}` five. */
function copies(least: string, most: string | undefined): number {
  return Math.max(Number(least) + 1, Number(most ?? 0));
}

class UnrolledSize {
  /** The sizes of the groups that are open, the whole pattern first. */
  readonly #groups = [0];
  #last = 0;

  get total(): number {
    return this.#groups.reduce((total, size) => total + size, 0);
  }

  open(): void {
    this.#groups.push(2);
  }

  close(): void {
    this.#add(this.#groups.length > 1 ? (this.#groups.pop() ?? 0) : 1);
  }

  atom(): void {
    this.#add(1);
  }

  repeat(times: number): void {
    this.#add(this.#last * times);
  }

  #add(size: number): void {
    this.#last = size;
    this.#groups.push((this.#groups.pop() ?? 0) + size);
  }
}
