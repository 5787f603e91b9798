const NAME_LENGTH_MAX = 60;

const LINE_BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** What turns the direction of reading, joins or hides, and is not seen itself. */
const INVISIBLE = /[\p{Cf}\p{Co}\p{Cs}\p{Default_Ignorable_Code_Point}]+/gu;
/** A name must not end its quotation marks, and go on as if we spoke. */
const QUOTES = /["“”„‟«»‹›<>]+/gu;
/** What makes a host, a path or an address of two words. */
const JOINTS = /([.。:/\\@])(?=\S)/gu;

/**
 * A name that somebody chose, fit to stand in a mail to a stranger: in quotation marks, on one line,
 * and with nothing in it that a mail program would make a link of. `evil.com/x` becomes `evil. com/ x`,
 * and `J.R. Smith` no worse than `J. R. Smith`.
 */
export function quotedName(name: string): string {
  const plain = name
    // First: it makes plain characters of look-alikes, the full-width stop and slash among them.
    .normalize('NFKC')
    .replace(LINE_BREAKS, ' ')
    .replace(INVISIBLE, '')
    .replace(QUOTES, ' ')
    .replace(JOINTS, '$1 ')
    .replace(/\s+/gu, ' ')
    .trim();
  return `"${shortened(plain) || '(no name)'}"`;
}

function shortened(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= NAME_LENGTH_MAX) return name;
  return `${characters
    .slice(0, NAME_LENGTH_MAX - 1)
    .join('')
    .trimEnd()}…`;
}
