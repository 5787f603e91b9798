import type { AuditFilter, AuditRepository } from '../audit.repository.js';
import type { AuditRow } from '../event.js';
import type { Trail } from '../trails.js';

/** Few enough that four at a time weigh nothing, and enough that the round trips do not count. */
const PAGE_ROWS = 1_000;

/** A stretch of a trail, both ends included. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
}

/**
 * The events of a stretch, oldest first, a page at a time: each is read when the one before it was
 * taken. Whoever goes on writing meanwhile writes beyond the end.
 */
export async function* pagesOf(
  records: Pick<AuditRepository, 'oldest'>,
  trail: Trail,
  filter: AuditFilter,
  { from, to }: Stretch,
): AsyncGenerator<readonly AuditRow[], void> {
  let beyond = from - 1;
  while (beyond < to) {
    const rows = await records.oldest(trail, filter, { beyond, limit: PAGE_ROWS });
    const within = rows.filter(({ sequence }) => Number(sequence) <= to);
    if (within.length > 0) yield within;
    if (within.length < PAGE_ROWS) return;
    beyond = Number(within.at(-1)?.sequence);
  }
}
