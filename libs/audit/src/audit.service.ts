import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import { isUuid, PLATFORM_ID } from '@tenantry/kernel';
import { AuditEventNotFound } from './audit.errors.js';
import { type AuditFilter, AuditRepository, type AuditRow } from './audit.repository.js';

const LIST = 'audit-events';

/** What a reader of a trail asks for. */
export interface AuditQuery extends Omit<AuditFilter, 'before'> {
  readonly cursor?: string | undefined;
}

/** Reads trails, page by page. */
@Injectable()
export class AuditService {
  constructor(
    private readonly records: AuditRepository,
    private readonly cursors: CursorCodec,
  ) {}

  async list({ scope }: Caller, query: AuditQuery): Promise<Page<AuditRow>> {
    return this.#page(scope.tenantId, query, (filter) => this.records.list(scope, filter));
  }

  async listPlatform(query: AuditQuery): Promise<Page<AuditRow>> {
    return this.#page(PLATFORM_ID, query, (filter) => this.records.listPlatform(filter));
  }

  async get({ scope }: Caller, id: string): Promise<AuditRow> {
    const row = isUuid(id) ? await this.records.findById(scope, id) : null;
    if (!row) throw new AuditEventNotFound();
    return row;
  }

  async #page(
    trail: string,
    { cursor, limit, ...filter }: AuditQuery,
    read: (filter: AuditFilter) => Promise<AuditRow[]>,
  ): Promise<Page<AuditRow>> {
    const scope = JSON.stringify([trail, filter]);
    const before = cursor ? Number(this.cursors.decode(LIST, scope, cursor)[0]) : undefined;
    const rows = await read({ ...filter, before, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ sequence }) => this.cursors.encode(LIST, scope, [Number(sequence)]),
    );
  }
}
