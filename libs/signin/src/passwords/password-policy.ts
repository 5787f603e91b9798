import type { CommonPasswords } from './common-passwords.js';
import { coresOf, countRuns, lengthOfRepeated } from './guessable.js';
import { PasswordRefused } from './passwords.errors.js';

/**
 * NIST SP 800-63B (revision 4, 3.1.1.2) demands 15 characters of a password that stands alone and 8
 * of one beside a second factor. Here the same password may do both, as a second factor can be added
 * later: 12, between the two, with throttling and Argon2id behind it. Where conformance to revision
 * 4 without a second factor is asked for, this is the number to raise.
 */
const LENGTH_MIN = 12;
/** Revision 4 asks for 64 at least. There is a bound so that nobody makes us hash a book. */
export const PASSWORD_LENGTH_MAX = 256;
/** As many runs as a password of the least length may be typed in and still be refused. */
const RUNS_MAX = 3;
/** `al` is in a great many good passwords. */
const WORD_MIN = 4;
const SERVICE = 'tenantry';

/** Whose password it is to be, and where it stands in the request. */
export interface PasswordOwner {
  readonly email: string;
  /** JSON pointer (RFC 6901), for the refusal. */
  readonly pointer: string;
}

/**
 * Which passwords may be set: long ones that are not among the first that somebody would try.
 *
 * As NIST SP 800-63B has it there are no rules on kinds of characters, and no expiry.
 */
export class PasswordPolicy {
  constructor(private readonly common: CommonPasswords) {}

  /** Throws `PasswordRefused`. */
  check(password: string, owner: PasswordOwner): void {
    const advice = lengthAdvice(password) ?? this.#guessAdvice(folded(password), owner.email);
    if (advice !== null) throw new PasswordRefused(owner.pointer, advice);
  }

  #guessAdvice(password: string, email: string): string | null {
    const characters = Array.from(password);
    const fault =
      shapeFault(characters) ?? nameFault(password, email) ?? this.#listFault(characters);
    return fault === null ? null : `${fault}: use several unrelated words instead`;
  }

  #listFault(characters: readonly string[]): string | null {
    return coresOf(characters).some((core) => this.common.has(core))
      ? 'is among the passwords that attackers try first, with or without numbers around it'
      : null;
  }
}

function shapeFault(characters: readonly string[]): string | null {
  // A repeated piece is guessed as soon as the piece is: it has to be long enough by itself.
  if (lengthOfRepeated(characters) < LENGTH_MIN) return 'repeats a short piece';
  if (countRuns(characters) <= RUNS_MAX)
    return 'is a row of the alphabet, of numbers or of the keyboard';
  return null;
}

function nameFault(password: string, email: string): string | null {
  if (wordsOf(email).some((word) => password.includes(word)))
    return 'must contain neither the e-mail address nor its name';
  return password.includes(SERVICE) ? 'must not contain the name of this service' : null;
}

function lengthAdvice(password: string): string | null {
  const typed = Array.from(password).length;
  const tooLong = `must have at most ${PASSWORD_LENGTH_MAX} characters`;
  if (typed > PASSWORD_LENGTH_MAX) return tooLong;
  const kept = Array.from(password.normalize('NFKC')).length;
  if (kept > PASSWORD_LENGTH_MAX) return tooLong;
  // One code point may become eighteen when it is normalised, and two may become one: neither makes a
  // password better than it was typed.
  return Math.min(typed, kept) < LENGTH_MIN ? `must have at least ${LENGTH_MIN} characters` : null;
}

/** The address, the part before the @, and that part without its +tag. */
function wordsOf(email: string): readonly string[] {
  const address = folded(email);
  const name = address.slice(0, address.lastIndexOf('@'));
  const untagged = name.replace(/\+.*$/, '');
  return [address, name, untagged].filter((word) => word.length >= WORD_MIN);
}

function folded(text: string): string {
  return text.normalize('NFKC').toLowerCase();
}
