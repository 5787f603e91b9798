import {
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';

import { scopeOfOwnWork } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { Recurrence } from '@tenantry/kernel';
import { Validator } from './validator.js';

const LOOK_EVERY_MS = 1_000;
/** While there is more than places, and some have become free meanwhile. */
const LOOK_AGAIN_MS = 100;
/** Fewer than the validator has places: whoever waits for an answer is never behind the schedule. */
const CONCURRENT_MAX = 16;
/** Longer than a check can take: a node that dies with it leaves it to the others. */
const LEASE_SECONDS = 60;

/**
 * Takes what is due, and leaves what another node is taking. Issuers that nobody is to look at any
 * more are taken out of the line, or they would stand at its head for ever.
 */
const TAKE_DUE = `
  with due as (
    select tenant_id, id,
      status = 'enabled' and ownership_proven_at is not null
        and (not_after is null or not_after > now()) as wanted
    from issuers where next_check_at <= now()
    order by next_check_at limit $1 for update skip locked)
  update issuers set next_check_at =
    case when due.wanted then now() + make_interval(secs => $2) end
  from due where issuers.tenant_id = due.tenant_id and issuers.id = due.id
  returning issuers.tenant_id as "tenantId", issuers.id, due.wanted`;

interface Due {
  readonly tenantId: string;
  readonly id: string;
  readonly wanted: boolean;
}

/** Has every issuer looked at again in time, by one of all nodes, without anybody asking. */
@Injectable()
export class RecheckSchedule implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(RecheckSchedule.name);
  readonly #running = new Set<Promise<void>>();
  readonly #recurrence = new Recurrence(() => this.#look());

  constructor(
    private readonly database: Database,
    private readonly validator: Validator,
  ) {}

  onApplicationBootstrap(): void {
    this.#recurrence.start(LOOK_EVERY_MS);
  }

  async onModuleDestroy(): Promise<void> {
    await this.#recurrence.stop();
    await Promise.allSettled(this.#running);
  }

  /** Starts as many due checks as there are places, and waits for none; answers whether more may be due. */
  async lookOnce(): Promise<boolean> {
    const places = CONCURRENT_MAX - this.#running.size;
    if (places <= 0) return true;
    const due = await this.database.queryAcrossTenants<Due>('issuer-recheck', TAKE_DUE, [
      places,
      LEASE_SECONDS,
    ]);
    for (const { tenantId, id, wanted } of due) if (wanted) this.#start(tenantId, id);
    return due.length === places;
  }

  #start(tenantId: string, id: string): void {
    const check = this.validator.check(scopeOfOwnWork(tenantId), id).finally(() => {
      this.#running.delete(check);
    });
    this.#running.add(check);
  }

  async #look(): Promise<number> {
    try {
      return (await this.lookOnce()) ? LOOK_AGAIN_MS : LOOK_EVERY_MS;
    } catch (error) {
      this.#logger.warn({ err: error }, 'The checks that are due could not be found.');
      return LOOK_EVERY_MS;
    }
  }
}
