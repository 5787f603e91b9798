import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';

import { ApiKeyDirectory, type KnownApiKey } from '@tenantry/access';
import { Database } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import { KeyDigests } from './key-digests.js';
import { type KeyUse, KeyUses } from './key-uses.js';

const FLUSH_EVERY_MS = 30_000;

/** One read over all tenants: whose key it is, is only known then. */
const FIND = `
  select id, tenant_id as "tenantId", member_id as "memberId", expires_at as "expiresAt"
  from api_keys where digest = $1`;

/**
 * Only forward in time: another node may have seen a later use. Rows are locked in one order, so
 * that two nodes that write at once do not wait for each other in a circle.
 */
const NOTE_USES = `
  with used as (
    select key.tenant_id, key.id, use.at, use.ip
    from unnest($1::uuid[], $2::uuid[], $3::timestamptz[], $4::text[])
      as use (tenant_id, id, at, ip)
    join api_keys key on key.tenant_id = use.tenant_id and key.id = use.id
    where key.last_used_at is null or key.last_used_at < use.at
    order by key.tenant_id, key.id for update of key)
  update api_keys key set last_used_at = used.at, last_used_ip = used.ip
  from used where key.tenant_id = used.tenant_id and key.id = used.id`;

/** Finds API keys for the guard, and writes down when they were used, all at once. */
@Injectable()
export class ApiKeyLookup extends ApiKeyDirectory implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(ApiKeyLookup.name);
  readonly #uses = new KeyUses((uses) => this.#write(uses));
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly digests: KeyDigests,
    private readonly clock: Clock,
  ) {
    super();
  }

  onModuleInit(): void {
    this.#timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);
    this.#timer.unref();
  }

  async onModuleDestroy(): Promise<void> {
    clearInterval(this.#timer);
    await this.flush();
  }

  async find(key: string): Promise<KnownApiKey | null> {
    const digest = this.digests.of(key);
    if (!digest) return null;
    const [row] = await this.database.queryAcrossTenants<KnownApiKey>('api-key', FIND, [digest]);
    return row ?? null;
  }

  used({ id, tenantId }: KnownApiKey, ip: string): void {
    this.#uses.note({ id, tenantId, ip, at: this.clock.now() });
  }

  /** Writes down what was used since the last time. */
  async flush(): Promise<void> {
    try {
      await this.#uses.flush();
    } catch (error) {
      this.#logger.warn({ err: error }, 'The uses of API keys could not be written down.');
    }
  }

  async #write(uses: readonly KeyUse[]): Promise<void> {
    await this.database.queryAcrossTenants('api-key-used', NOTE_USES, [
      uses.map(({ tenantId }) => tenantId),
      uses.map(({ id }) => id),
      uses.map(({ at }) => at),
      uses.map(({ ip }) => ip),
    ]);
  }
}
