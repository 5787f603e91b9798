import { Readable, type Writable } from 'node:stream';

import { Injectable, type OnModuleDestroy } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { type AuditFilter, AuditRepository } from '../audit.repository.js';
import { AuditTrail } from '../audit-trail.js';
import type { Deed } from '../deed.js';
import { AuditEventDto } from '../dto/audit-event.dto.js';
import { type AuditRow, eventOf } from '../event.js';
import type { Trail } from '../trails.js';
import { pagesOf, type Stretch } from './export-pages.js';
import { ocsfOf } from './ocsf.js';
import { OpenStreams } from './open-streams.js';
import { TrailHeads } from './trail-heads.js';

const OF_TRAIL_MAX = 4;
/** Who takes nothing for so long holds a place for nothing. */
const STALLED_MS = 60_000;
const FILTERS = ['deed', 'actor', 'target', 'outcome', 'from', 'to'] as const;

type Format = 'tenantry' | 'ocsf';

/** What somebody wants to take along. */
export interface WantedExport extends AuditFilter {
  readonly fromSequence?: number | undefined;
  readonly toSequence?: number | undefined;
  readonly format?: Format | undefined;
}

/** What an export is written to. */
export interface ExportAnswer extends Writable {
  /** Calls when nothing was taken for so long. */
  setTimeout(ms: number, onStalled: () => void): unknown;
}

/** An export that has begun: up to where it goes, and its lines, read as they are taken. */
export interface BegunExport extends Stretch {
  readonly lines: Readable;
}

/** Exports trails: oldest first, an event a line, ending where the trail stood when it was asked for. */
@Injectable()
export class AuditExports implements OnModuleDestroy {
  readonly #open = new OpenStreams<ExportAnswer>(OF_TRAIL_MAX);

  constructor(
    private readonly database: Database,
    private readonly audit: AuditTrail,
    private readonly records: AuditRepository,
    private readonly heads: TrailHeads,
  ) {}

  /** Puts the export on record, and reads its first page, before this answers. Throws `TooManyStreams`. */
  async begin(
    caller: Caller,
    trail: Trail,
    wanted: WantedExport,
    answer: ExportAnswer,
  ): Promise<BegunExport> {
    this.#open.add(trail.id, answer, answer);
    answer.setTimeout(STALLED_MS, () => answer.destroy());
    const { fromSequence: from = 1, toSequence = Number.MAX_SAFE_INTEGER, format } = wanted;
    const to = Math.min(toSequence, await this.heads.of(trail));
    await this.#tell(caller, deedOf(trail.id, wanted, to));
    const pages = pagesOf(this.records, trail, filterOf(wanted), { from, to });
    return { from, to, lines: await linesOf(pages, TELLING[format ?? 'tenantry']) };
  }

  /** Before the server waits for its answers to end: who is cut off goes on from the last line. */
  onModuleDestroy(): void {
    for (const answer of this.#open.all) answer.destroy();
  }

  async #tell(caller: Caller, deed: Deed): Promise<void> {
    if (caller.tenant) return this.audit.recordNow(caller.scope, caller, [deed]);
    await this.database.acrossTenants('audit-exported', (tx) => {
      this.audit.recordOnPlatform(tx, caller, deed);
      return Promise.resolve();
    });
  }
}

const TELLING: Readonly<Record<Format, (row: AuditRow) => object>> = {
  tenantry: eventOf,
  ocsf: (row) => ocsfOf(new AuditEventDto(row)),
};

/** What fails before anything was sent is answered as a failure, not as half an export. */
async function linesOf(
  pages: AsyncGenerator<readonly AuditRow[], void>,
  told: (row: AuditRow) => object,
): Promise<Readable> {
  const chunkOf = (rows: readonly AuditRow[]): string =>
    rows.map((row) => `${JSON.stringify(told(row))}\n`).join('');
  const first = await pages.next();
  async function* chunks(): AsyncGenerator<string, void> {
    if (first.done !== true) yield chunkOf(first.value);
    for await (const rows of pages) yield chunkOf(rows);
  }
  // By bytes: a stream of objects would be read a page further ahead at every station of its way.
  return Readable.from(chunks(), { objectMode: false });
}

function filterOf(wanted: WantedExport): AuditFilter {
  return Object.fromEntries(FILTERS.map((name) => [name, wanted[name]]));
}

function deedOf(trail: string, wanted: WantedExport, toSequence: number): Deed {
  const { fromSequence, format = 'tenantry' } = wanted;
  const asked = { ...filterOf(wanted), fromSequence, toSequence, format };
  const given = Object.entries(asked).filter(([, value]) => value !== undefined);
  return {
    deed: 'audit.exported',
    target: { kind: 'audit', id: trail },
    changes: Object.fromEntries(given.map(([name, after]) => [name, { after }])),
  };
}
