import { Readable } from 'node:stream';

const LINE_END = '\r\n';
const NEEDS_QUOTES = /[",\r\n]/;

/** What a spreadsheet would take for a formula, once it has dropped the blanks before it. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@])/;

/** A cell that people and machines may have named: never a formula, whoever opens the file. */
export function textCell(text: string | null): string {
  if (text === null) return '';
  return quoted(FORMULA.test(text) ? `'${text}` : text);
}

/** A line of cells, as RFC 4180 writes it. */
export function csvLine(cells: readonly string[]): string {
  return cells.join(',') + LINE_END;
}

/**
 * A file of CSV, one chunk a page, each read when the one before it was taken: it holds no more than
 * a page in memory, however long it is. The first page is read before this answers.
 */
export async function csvOf<Row>(
  headings: readonly string[],
  pages: AsyncGenerator<readonly Row[], void>,
  cellsOf: (row: Row) => readonly string[],
): Promise<Readable> {
  // What fails before anything was sent is answered as a failure, not as half a file.
  const first = await pages.next();
  const told = (rows: readonly Row[]): string => rows.map((row) => csvLine(cellsOf(row))).join('');
  async function* chunks(): AsyncGenerator<string, void> {
    yield csvLine(headings) + told(first.done === true ? [] : first.value);
    for await (const rows of pages) yield told(rows);
  }
  return Readable.from(chunks());
}

function quoted(text: string): string {
  return NEEDS_QUOTES.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
