import { Injectable } from '@nestjs/common';

import { AppConfig } from '@tenantry/config';
import { Database } from '@tenantry/database';

const REASON = 'audit-waking';
const TRAILS_MAX = 500;

/**
 * Nobody waits for anybody here: a head is passed by while a deed is written down on it, and a sink
 * or a cursor while it is in somebody's hands. In the latter case the trail stays awake.
 */
const WAKE = `
  with heads as materialized (
    select tenant_id from audit_heads
    where woken and ($1::boolean or exists (select from audit_sinks where status = 'enabled'))
    limit ${TRAILS_MAX} for update skip locked),
  sinks as materialized (
    select sink.tenant_id, sink.id, sink.due_at from audit_sinks sink
    join heads on heads.tenant_id = sink.tenant_id
    where sink.status = 'enabled' for update of sink skip locked),
  cursors as materialized (
    select stream.tenant_id from audit_stream_cursors stream
    join heads on heads.tenant_id = stream.tenant_id for update of stream skip locked),
  due as (
    update audit_sinks sink set due_at = now() from sinks
    where sink.tenant_id = sinks.tenant_id and sink.id = sinks.id and sinks.due_at is null),
  marked as (
    update audit_stream_cursors stream set is_due = true from cursors
    where stream.tenant_id = cursors.tenant_id),
  begun as (
    insert into audit_stream_cursors (tenant_id) select tenant_id from heads where $1
    order by tenant_id on conflict do nothing)
  update audit_heads head set woken =
    exists (
      select from audit_sinks sink
      where sink.tenant_id = head.tenant_id and sink.status = 'enabled'
        and sink.id not in (select id from sinks where sinks.tenant_id = head.tenant_id))
    or exists (
      select from audit_stream_cursors stream
      where stream.tenant_id = head.tenant_id
        and stream.tenant_id not in (select tenant_id from cursors))
  from heads where head.tenant_id = heads.tenant_id
  returning head.woken`;

/** Has whoever hears of trails look at those on which something is new. */
@Injectable()
export class Waking {
  readonly #isStreaming: boolean;

  constructor(
    private readonly database: Database,
    config: AppConfig,
  ) {
    this.#isStreaming = config.audit.stream !== null;
  }

  /** Answers whether there may be more. */
  async wake(): Promise<boolean> {
    const rows = await this.database.queryAcrossTenants<{ woken: boolean }>(REASON, WAKE, [
      this.#isStreaming,
    ]);
    return rows.length === TRAILS_MAX && rows.some(({ woken }) => !woken);
  }
}
