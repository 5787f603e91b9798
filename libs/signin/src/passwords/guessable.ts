/** Rows that fingers and minds run along; the digits wrap around. */
const ROWS = ['abcdefghijklmnopqrstuvwxyz', '01234567890', 'qwertyuiop', 'asdfghjkl', 'zxcvbnm'];
const BOTH_WAYS = [...ROWS, ...ROWS.map((row) => Array.from(row).reverse().join(''))];

/** A year, a date, a number and an exclamation mark: what people hang on a word to make it pass. */
const TRIMMINGS_MAX = 8;
/** A shorter word in a password says nothing of it. */
const CORE_MIN = 4;
const LETTER = /\p{L}/u;

/**
 * In how many runs a password can be typed: `aaaa`, `4321` and `qwer` are one each, and so is any
 * character that neither repeats nor continues the one before it.
 */
export function countRuns(characters: readonly string[]): number {
  return characters.filter((character, at) => !continues(characters[at - 1], character)).length;
}

function continues(previous: string | undefined, character: string): boolean {
  if (previous === undefined) return false;
  return previous === character || BOTH_WAYS.some((row) => row.includes(previous + character));
}

/** How long the piece is that a password repeats, or the password's own length where it repeats none. */
export function lengthOfRepeated(characters: readonly string[]): number {
  const { length } = characters;
  for (let period = 1; period * 2 <= length; period += 1) {
    if (characters.every((character, at) => at < period || character === characters[at - period]))
      return period;
  }
  return length;
}

/**
 * The password itself, and what is left of it when up to eight characters that are no letters are
 * taken off its ends: `!monkey2024` gives `monkey` among others. At most 45 texts.
 */
export function coresOf(characters: readonly string[]): readonly string[] {
  const before = trimmingsOf(characters);
  const after = trimmingsOf(characters.toReversed());
  return upTo(before)
    .flatMap((start) =>
      upTo(Math.min(after, TRIMMINGS_MAX - start)).map((cut) =>
        characters.slice(start, characters.length - cut),
      ),
    )
    .filter((core) => core.length >= CORE_MIN)
    .map((core) => core.join(''));
}

function upTo(last: number): readonly number[] {
  return Array.from({ length: last + 1 }, (_, index) => index);
}

function trimmingsOf(characters: readonly string[]): number {
  const letter = characters.findIndex((character) => LETTER.test(character));
  return Math.min(letter === -1 ? characters.length : letter, TRIMMINGS_MAX);
}
