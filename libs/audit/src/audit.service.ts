import { Injectable } from '@nestjs/common';

import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import { isUuid } from '@tenantry/kernel';
import { AuditEventNotFound } from './audit.errors.js';
import { type AuditFilter, AuditRepository } from './audit.repository.js';
import type { AuditRow } from './event.js';
import type { Trail } from './trails.js';

const LIST = 'audit-events';

/** What a reader of a trail asks for. */
export interface AuditQuery extends AuditFilter {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Reads trails, page by page. */
@Injectable()
export class AuditService {
  constructor(
    private readonly records: AuditRepository,
    private readonly cursors: CursorCodec,
  ) {}

  /** Newest first. */
  async list(trail: Trail, { cursor, limit, ...filter }: AuditQuery): Promise<Page<AuditRow>> {
    const scope = JSON.stringify([trail.id, filter]);
    const beyond = cursor ? Number(this.cursors.decode(LIST, scope, cursor)[0]) : undefined;
    const rows = await this.records.newest(trail, filter, { beyond, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ sequence }) => this.cursors.encode(LIST, scope, [Number(sequence)]),
    );
  }

  /** Throws `AuditEventNotFound`. */
  async get(trail: Trail, id: string): Promise<AuditRow> {
    const row = isUuid(id) ? await this.records.findById(trail, id) : null;
    if (!row) throw new AuditEventNotFound();
    return row;
  }
}
