import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { AuditTrail, type Deed } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
import { Clock, isUuid, newId } from '@tenantry/kernel';
import { type BreakGlass, isOpen } from './break-glass.js';
import { BreakGlassNotFound } from './break-glass.errors.js';
import { BreakGlassRepository } from './break-glass.repository.js';

const LIST = 'break-glass';
const MINUTE_MS = 60_000;

/** Opens a claimed tenant to one platform actor for a while, for everybody there to see. */
@Injectable()
export class BreakGlassService {
  constructor(
    private readonly database: Database,
    private readonly windows: BreakGlassRepository,
    private readonly audit: AuditTrail,
    private readonly cursors: CursorCodec,
    private readonly clock: Clock,
  ) {}

  async open(
    caller: Caller,
    { reason, minutes }: { readonly reason: string; readonly minutes: number },
  ): Promise<BreakGlass> {
    const { id: actorId, name: actorName } = caller.actor;
    const openedAt = this.clock.now();
    const expiresAt = new Date(openedAt.getTime() + minutes * MINUTE_MS);
    const window = { id: newId(), actorId, actorName, reason, openedAt, expiresAt, closedAt: null };
    await this.database.within(caller.scope, async (tx) => {
      await this.windows.insert(tx, window);
      const changes = { expiresAt: { after: expiresAt.toISOString() } };
      this.#tell(tx, caller, window, { deed: 'break_glass.opened', changes, reason });
    });
    return window;
  }

  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<BreakGlass>> {
    const wanted = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) =>
      this.windows.list(scope, { before: stretch.after, limit: stretch.limit }),
    );
  }

  async get({ scope }: Caller, id: string): Promise<BreakGlass> {
    const window = isUuid(id) ? await this.windows.get(scope, id) : null;
    if (!window) throw new BreakGlassNotFound();
    return window;
  }

  /** Ends it before its time; one that has ended stays as it was. */
  async close(caller: Caller, id: string): Promise<BreakGlass> {
    if (!isUuid(id)) throw new BreakGlassNotFound();
    await this.database.within(caller.scope, async (tx) => {
      const window = await this.windows.find(tx, id);
      if (!window) throw new BreakGlassNotFound();
      const now = this.clock.now();
      if (!isOpen(window, now)) return;
      await this.windows.close(tx, id, now);
      this.#tell(tx, caller, window, { deed: 'break_glass.closed' });
    });
    return this.get(caller, id);
  }

  #tell(
    tx: TenantTransaction,
    caller: Caller,
    { id }: BreakGlass,
    deed: Omit<Deed, 'target'>,
  ): void {
    this.audit.record(tx, caller, { ...deed, target: { kind: 'break_glass', id } });
    tx.announce({ kind: 'break_glass', id: tx.tenantId, tenantId: tx.tenantId });
  }
}
