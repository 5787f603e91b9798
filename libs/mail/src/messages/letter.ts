const LINE_LENGTH_MAX = 72;

/** Sets paragraphs as the text of a mail. A word that is longer than a line, such as a link, stays whole. */
export function letter(...paragraphs: readonly string[]): string {
  return `${['Hello,', ...paragraphs].map(wrapped).join('\n\n')}\n`;
}

/** A moment that reads the same everywhere: `Sun, 22 Nov 2026 14:05 UTC`. */
export function moment(date: Date): string {
  return date.toUTCString().replace(/:\d\d GMT$/, ' UTC');
}

function wrapped(paragraph: string): string {
  const lines: string[] = [];
  for (const word of paragraph.split(' ')) {
    const longer = `${lines.at(-1) ?? ''} ${word}`;
    if (lines.length > 0 && Array.from(longer).length <= LINE_LENGTH_MAX)
      lines.splice(-1, 1, longer);
    else lines.push(word);
  }
  return lines.join('\n');
}
