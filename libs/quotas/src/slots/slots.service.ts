import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
import { isUuid } from '@tenantry/kernel';
import { QuotaExhausted } from '../quotas.errors.js';
import type { NamedSlot, Slot, TakenSlot } from './slot.js';
import { SlotLimitReached, SlotNotFound } from './slots.errors.js';
import { SLOTS_MAX, SlotsRepository } from './slots.repository.js';

const LIST = 'quota-leases';
/** Where there are no slots at all, somebody must change the limit first. */
const WITHOUT_SLOTS_SECONDS = 3_600;

/** What may be under way at once: never more than the limit says. Each is its taker's to give back. */
@Injectable()
export class SlotsService {
  constructor(
    private readonly slots: SlotsRepository,
    private readonly cursors: CursorCodec,
  ) {}

  /** Throws `QuotaExhausted` or `SlotLimitReached`. */
  async take(
    { scope, actor }: Caller,
    { kind, ttlSeconds }: Pick<Slot, 'kind' | 'ttlSeconds'>,
  ): Promise<TakenSlot> {
    const taking = await this.slots.take(scope, { kind, ttlSeconds, holder: actor.id });
    if (taking.state === 'full') throw new SlotLimitReached(SLOTS_MAX);
    if (taking.state === 'taken') return taking.slot;
    const { quota, freeInSeconds } = taking;
    throw new QuotaExhausted(
      { kind, name: 'concurrency', quota, remaining: 0 },
      freeInSeconds ?? WITHOUT_SLOTS_SECONDS,
    );
  }

  /** `ttlSeconds` null: for as long as before. Throws `SlotNotFound`: what has expired is not revived. */
  async renew(caller: Caller, id: string, ttlSeconds: number | null): Promise<Slot> {
    const slot = await this.slots.renew(caller.scope, namedBy(caller, id), ttlSeconds);
    if (!slot) throw new SlotNotFound();
    return slot;
  }

  /** Throws `SlotNotFound`. */
  async release(caller: Caller, id: string): Promise<void> {
    if (!(await this.slots.release(caller.scope, namedBy(caller, id)))) throw new SlotNotFound();
  }

  /** The oldest first. */
  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<Page<Slot>> {
    const wanted = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) => this.slots.list(scope, stretch));
  }
}

/** Everybody gets at their own alone; who sets the limits, at any. */
function namedBy({ actor }: Caller, id: string): NamedSlot {
  if (!isUuid(id)) throw new SlotNotFound();
  return { id, holder: actor.permissions.has('quotas:write') ? null : actor.id };
}
