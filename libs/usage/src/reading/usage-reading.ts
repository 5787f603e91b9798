import type { Readable } from 'node:stream';

import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import { Clock } from '@tenantry/kernel';
import { beginOf, DAY_MS, monthOf } from '../calendar.js';
import { csvOf, textCell } from './csv.js';
import {
  UsageRepository,
  type UsagePosition,
  type UsageRow,
  type UsageStretch,
} from './usage.repository.js';
import { type AskedUsage, type UsageQuery, usageQueryOf } from './usage-query.js';

const CSV_PAGE = 1_000;
const METERS_MAX = 500;
const METERS_DAYS = 90;

/** What of a list is asked for, and which page of it. */
export interface AskedPage extends AskedUsage {
  readonly limit: number;
  readonly cursor?: string;
}

/** The same of all tenants, or of one. */
export interface AskedPlatformPage extends AskedPage {
  readonly tenant?: string;
}

type Read = (stretch: UsageStretch) => Promise<readonly UsageRow[]>;

/** Tells what was used, page by page or as one file. */
@Injectable()
export class UsageReading {
  constructor(
    private readonly usage: UsageRepository,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  /** Throws `RequestInvalid` and `CursorInvalid`. */
  async page({ scope }: Pick<Caller, 'scope'>, asked: AskedPage): Promise<Page<UsageRow>> {
    return this.#page(asked, scope.tenantId, (stretch) => this.usage.list(scope, stretch));
  }

  /** All of it, whatever page was asked for. Throws `RequestInvalid`. */
  async csv({ scope }: Pick<Caller, 'scope'>, asked: AskedUsage): Promise<Readable> {
    const pages = pagesOf(this.#queryOf(asked), (stretch) => this.usage.list(scope, stretch));
    return csvOf(['period', 'meter', 'group', 'value', 'events'], pages, cellsOf);
  }

  /** Over all tenants. Throws `RequestInvalid` and `CursorInvalid`. */
  async platformPage(asked: AskedPlatformPage): Promise<Page<UsageRow>> {
    return this.#page(asked, null, await this.#readingOf(asked));
  }

  /** The chargeback of all tenants, or of one. Throws `RequestInvalid`. */
  async platformCsv(asked: AskedPlatformPage): Promise<Readable> {
    const pages = pagesOf(this.#queryOf(asked), await this.#readingOf(asked));
    const headings = ['tenant_id', 'tenant', 'period', 'meter', 'group', 'value', 'events'];
    return csvOf(headings, pages, (row) => [row.tenantId, textCell(row.tenant), ...cellsOf(row)]);
  }

  /** What a tenant used in the last ninety days, of whatever meter; by name, at most 500. */
  async metersOf({ scope }: Pick<Caller, 'scope'>): Promise<string[]> {
    const today = beginOf('day', this.clock.now().getTime());
    return this.usage.meters(scope, today - METERS_DAYS * DAY_MS, METERS_MAX);
  }

  /** Reads one tenant's sums, or everybody's. Of a tenant that there is not there is nothing to read. */
  async #readingOf({ tenant }: Pick<AskedPlatformPage, 'tenant'>): Promise<Read> {
    const tenantId = tenant === undefined ? null : await this.usage.tenantIdOf(tenant);
    if (tenant !== undefined && tenantId === null) return () => Promise.resolve([]);
    return (stretch) => this.usage.listAcrossTenants(tenantId, stretch);
  }

  #queryOf(asked: AskedUsage): UsageQuery {
    return usageQueryOf(asked, this.clock.now().getTime());
  }

  async #page(
    { limit, cursor, ...asked }: AskedPage,
    tenantId: string | null,
    read: Read,
  ): Promise<Page<UsageRow>> {
    const list = tenantId === null ? 'platform-usage' : 'usage';
    const scope = JSON.stringify([tenantId, asked]);
    const after =
      cursor === undefined ? null : positionOf(this.cursors.decode(list, scope, cursor));
    const rows = await read({ ...this.#queryOf(asked), after, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ period, tenantId: tenant, meter, place, digest }) =>
        this.cursors.encode(list, scope, [period.getTime(), tenant, meter, place, digest]),
    );
  }
}

function positionOf(position: readonly (string | number)[]): UsagePosition {
  const [period, tenantId, meter, place, digest] = position;
  return {
    period: Number(period),
    tenantId: String(tenantId),
    meter: String(meter),
    place: String(place),
    digest: String(digest),
  };
}

/** Month by month, so that no page sums up more than one of them again. */
async function* pagesOf(query: UsageQuery, read: Read): AsyncGenerator<readonly UsageRow[], void> {
  for (let from = query.from; from < query.to; from = monthOf(from, 1)) {
    const to = Math.min(query.to, monthOf(from, 1));
    yield* pagesWithin({ ...query, from, to }, read);
  }
}

async function* pagesWithin(
  query: UsageQuery,
  read: Read,
): AsyncGenerator<readonly UsageRow[], void> {
  let after: UsagePosition | null = null;
  do {
    const rows: readonly UsageRow[] = await read({ ...query, after, limit: CSV_PAGE });
    const last: UsageRow | undefined = rows.at(CSV_PAGE - 1);
    after = last ? { ...last, period: last.period.getTime() } : null;
    if (rows.length > 0) yield rows;
  } while (after !== null);
}

function cellsOf({ period, meter, group, value, events }: UsageRow): string[] {
  return [period.toISOString(), textCell(meter), textCell(group), value, String(events)];
}
