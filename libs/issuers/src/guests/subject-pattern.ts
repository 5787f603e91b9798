/**
 * Whether a subject is one that a pattern invites: `*` stands for any characters, or none; every
 * other one for itself. Each part is sought once, from left to right, and never again: no pattern
 * makes a long subject expensive.
 */
export function subjectMatches(pattern: string, subject: string): boolean {
  const [first = '', ...middle] = pattern.split('*');
  const last = middle.pop();
  if (last === undefined) return subject === pattern;
  const end = subject.length - last.length;
  if (end < first.length || !subject.startsWith(first) || !subject.endsWith(last)) return false;
  let from = first.length;
  for (const part of middle) {
    const found = subject.indexOf(part, from);
    if (found === -1 || found + part.length > end) return false;
    from = found + part.length;
  }
  return true;
}
