import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { Database, type TenantTransaction } from '@tenantry/database';
import {
  assertRevision,
  CursorCodec,
  type ExpectedRevision,
  type Page,
  pageById,
} from '@tenantry/http';
import { isUuid, newId, type TenantScope } from '@tenantry/kernel';
import { Outbound } from '@tenantry/outbound';
import { AuditTrail } from '../audit-trail.js';
import type { Deed } from '../deed.js';
import type { NewSink, Sink, SinkChanges } from './sink.js';
import { type MadeSecrets, SinkSecrets } from './sink-secrets.js';
import { AuditSinkLimitReached, AuditSinkNotFound, AuditSinkUrlForbidden } from './sinks.errors.js';
import { type KeptSink, SinksRepository } from './sinks.repository.js';

const LIST = 'audit-sinks';
const SINKS_MAX = 10;

/** A sink, and what its receiver is told of its secrets: once. */
export interface SinkWithSecret extends Pick<MadeSecrets, 'secret'> {
  readonly sink: Sink;
}

/** Where a tenant's trail is sent. */
@Injectable()
export class SinksService {
  constructor(
    private readonly database: Database,
    private readonly sinks: SinksRepository,
    private readonly secrets: SinkSecrets,
    private readonly outbound: Outbound,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
  ) {}

  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Sink>> {
    const page = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, page, ({ after, limit: rows }) =>
      this.sinks.list(scope, after, rows),
    );
  }

  /** Throws `AuditSinkNotFound`. */
  async get(scope: TenantScope, id: string): Promise<KeptSink> {
    const sink = isUuid(id) ? await this.sinks.find(scope, id) : null;
    if (!sink) throw new AuditSinkNotFound();
    return sink;
  }

  async create(
    caller: Caller,
    { name, url, signing = 'hmac', from = 'now' }: NewSink,
  ): Promise<SinkWithSecret> {
    this.#assertReachable(url);
    const { scope } = caller;
    const id = newId();
    const made = this.secrets.make({ tenantId: scope.tenantId, sinkId: id }, signing);
    await this.database.within(scope, async (tx) => {
      if ((await this.sinks.count(tx)) >= SINKS_MAX) throw new AuditSinkLimitReached(SINKS_MAX);
      await this.sinks.insert(tx, id, { name, url, signing, from }, made);
      this.#tell(
        tx,
        caller,
        { id, name },
        {
          deed: 'audit_sink.created',
          changes: {
            origin: { after: new URL(url).origin },
            signing: { after: signing },
            from: { after: from },
          },
        },
      );
    });
    return { sink: await this.get(scope, id), secret: made.secret };
  }

  async change(
    caller: Caller,
    id: string,
    { changes, expected }: { readonly changes: SinkChanges; readonly expected: ExpectedRevision },
  ): Promise<Sink> {
    if (changes.url !== undefined) this.#assertReachable(changes.url);
    await this.#alter(caller, id, async (tx, sink) => {
      assertRevision(expected, sink.revision);
      await this.sinks.update(tx, sink, changes);
      this.#tell(tx, caller, sink, {
        deed: 'audit_sink.changed',
        changes: changesOf(sink, changes),
      });
    });
    return this.get(caller.scope, id);
  }

  async remove(caller: Caller, id: string, expected: ExpectedRevision): Promise<void> {
    await this.#alter(caller, id, async (tx, sink) => {
      assertRevision(expected, sink.revision);
      await this.sinks.delete(tx, id);
      this.#tell(tx, caller, sink, {
        deed: 'audit_sink.removed',
        changes: { origin: { before: new URL(sink.url).origin } },
      });
    });
  }

  /** Gives the sink a new secret; the one before signs along for a day. */
  async rotate(caller: Caller, id: string): Promise<SinkWithSecret> {
    const secret = await this.#alter(caller, id, async (tx, sink) => {
      const made = this.secrets.rotate(sink.receiver, sink.signing);
      await this.sinks.rotate(tx, id, made);
      this.#tell(tx, caller, sink, { deed: 'audit_sink.rotated' });
      return made.secret;
    });
    return { sink: await this.get(caller.scope, id), secret };
  }

  async #alter<Result>(
    caller: Caller,
    id: string,
    work: (tx: TenantTransaction, sink: KeptSink) => Promise<Result>,
  ): Promise<Result> {
    if (!isUuid(id)) throw new AuditSinkNotFound();
    return this.database.within(caller.scope, async (tx) => {
      const sink = await this.sinks.lock(tx, id);
      if (!sink) throw new AuditSinkNotFound();
      return work(tx, sink);
    });
  }

  #assertReachable(url: string): void {
    const failure = this.outbound.explainUrl(url);
    if (failure) throw new AuditSinkUrlForbidden(failure.message);
  }

  #tell(
    tx: TenantTransaction,
    caller: Caller,
    { id, name }: Pick<Sink, 'id' | 'name'>,
    deed: Pick<Deed, 'deed' | 'changes'>,
  ): void {
    this.audit.record(tx, caller, { ...deed, target: { kind: 'audit_sink', id, name } });
  }
}

/** Of a URL its origin alone: in the rest of it, receivers like to hide a secret. */
function changesOf(sink: Sink, { name, url, status }: SinkChanges): NonNullable<Deed['changes']> {
  return {
    ...(name === undefined ? {} : { name: { before: sink.name, after: name } }),
    ...(url === undefined
      ? {}
      : { origin: { before: new URL(sink.url).origin, after: new URL(url).origin } }),
    ...(status === undefined ? {} : { status: { before: sink.status, after: status } }),
  };
}
