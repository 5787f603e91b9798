import { PrismaPg } from '@prisma/adapter-pg';
import { LRUCache } from 'lru-cache';

import { DomainError, type TenantScope } from '@tenantry/kernel';
import { DatabaseUnavailable, isUnreachable } from './database.errors.js';
import { type Prisma, PrismaClient } from './generated/client.js';
import { DATABASE_ROLES, type DatabaseRoles, type PoolScope, poolScope } from './pool-scope.js';
import { ScopedPool } from './scoped-pool.js';
import { statementNames } from './statement-names.js';
import { assertEveryModelIsOwned, type DataModel, scopeOperation } from './tenant-scoping.js';
import type {
  AuditEntry,
  Change,
  PlatformTransaction,
  TenantTables,
  TenantTransaction,
} from './transaction.js';

const TRANSACTION_TIMEOUT_MS = 15_000;
const TRANSACTION_WAIT_MS = 5_000;
/** Making one costs as much as the query that it is for. */
const SCOPED_CLIENTS_MAX = 1_000;

export interface DatabaseOptions {
  readonly url: string;
  readonly poolSize: number;
  readonly preparedStatements: boolean;
  /** For the specs that prove each lock alone. */
  readonly roles?: DatabaseRoles;
}

type Tables = Prisma.TransactionClient;

const CONCLUDE = 'select conclude($1::jsonb, $2::jsonb)';
const ABORT = "do $$ begin raise 'A crossing of tenants failed.'; end $$";

/** The one door to PostgreSQL. The Prisma client itself never leaves this folder. */
export class Database {
  readonly #pool: ScopedPool;
  readonly #client: PrismaClient;
  readonly #models: DataModel;
  readonly #roles: DatabaseRoles;
  readonly #nameOf: ((query: { readonly sql: string }) => string) | undefined;
  readonly #crossings = new Map<string, number>();
  readonly #scopedClients = new LRUCache<string, PrismaClient>({ max: SCOPED_CLIENTS_MAX });
  #onAnnounced: () => Promise<void> = () => Promise.resolve();

  constructor({ url, poolSize, preparedStatements, roles = DATABASE_ROLES }: DatabaseOptions) {
    this.#roles = roles;
    this.#pool = new ScopedPool({ url, size: poolSize, roles, preparedStatements });
    if (preparedStatements) this.#nameOf = statementNames();
    const naming = this.#nameOf ? { statementNameGenerator: this.#nameOf } : {};
    this.#client = new PrismaClient({ adapter: new PrismaPg(this.#pool, naming) });
    this.#models = modelsOf(this.#client);
    assertEveryModelIsOwned(this.#models);
  }

  /** Runs `work` in one transaction in which every other tenant's rows do not exist. */
  async within<Result>(
    scope: TenantScope,
    work: (tx: TenantTransaction) => Promise<Result>,
  ): Promise<Result> {
    const { tenantId } = scope;
    const own = this.#scopeOf(tenantId);
    return this.#transact(own, this.#scoped(own), (tables, pending) =>
      work({
        ...openTransaction(tables, pending),
        tenantId,
        acrossTenants: async (reason, crossing) => {
          this.#countCrossing(reason);
          return crossOver(tables, this.#roles, crossing);
        },
      }),
    );
  }

  /** Runs `work` without a transaction: each read is one round trip, scoped like the rest. */
  async read<Result>(
    scope: TenantScope,
    work: (tables: TenantTables) => Promise<Result>,
  ): Promise<Result> {
    return reachable(async () => work(this.#scoped(this.#scopeOf(scope.tenantId))));
  }

  /** One SQL statement within a tenant, in one round trip: for the hot paths. */
  async query<Row>(
    scope: TenantScope,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    return this.#run<Row>(this.#scopeOf(scope.tenantId), text, values);
  }

  /**
   * Runs `work` in one transaction over all tenants. Every use is counted by its reason.
   * Open to few libs: see the lint rule.
   */
  async acrossTenants<Result>(
    reason: string,
    work: (tx: PlatformTransaction) => Promise<Result>,
  ): Promise<Result> {
    this.#countCrossing(reason);
    return this.#transact(this.#platformScope, this.#client, (tables, pending) =>
      work(openTransaction(tables, pending)),
    );
  }

  /** One SQL statement over all tenants, in one round trip. */
  async queryAcrossTenants<Row>(
    reason: string,
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    this.#countCrossing(reason);
    return this.#run<Row>(this.#platformScope, text, values);
  }

  /** Whether PostgreSQL answers; throws where it does not. */
  async probe(): Promise<void> {
    await this.#run(this.#platformScope, 'select 1', []);
  }

  /** How often the door across tenants was used since the start, by reason. */
  get crossings(): ReadonlyMap<string, number> {
    return this.#crossings;
  }

  /**
   * Has `look` awaited after every commit that announced something: whoever made a change finds
   * it enforced on this node when the call returns.
   */
  whenAnnounced(look: () => Promise<void>): void {
    this.#onAnnounced = look;
  }

  async close(): Promise<void> {
    await this.#client.$disconnect();
    if (!this.#pool.ending) await this.#pool.end();
  }

  get #platformScope(): PoolScope {
    return { role: this.#roles.platform, tenantId: '' };
  }

  #scopeOf(tenantId: string): PoolScope {
    return { role: this.#roles.tenant, tenantId };
  }

  #scoped(scope: PoolScope): PrismaClient {
    const known = this.#scopedClients.get(scope.tenantId);
    if (known) return known;
    const $allOperations = scopeOperation(this.#models, scope);
    const client = this.#client.$extends({
      query: { $allModels: { $allOperations } },
    }) as unknown as PrismaClient;
    this.#scopedClients.set(scope.tenantId, client);
    return client;
  }

  async #transact<Result>(
    scope: PoolScope,
    client: PrismaClient,
    work: (tables: Tables, pending: Pending) => Promise<Result>,
  ): Promise<Result> {
    const pending: Pending = { changes: [], entries: [] };
    const result = await reachable(() =>
      poolScope.run(scope, () =>
        client.$transaction(
          async (tables) => {
            const made = await work(tables, pending);
            await flush(tables, pending);
            return made;
          },
          { timeout: TRANSACTION_TIMEOUT_MS, maxWait: TRANSACTION_WAIT_MS },
        ),
      ),
    );
    if (pending.changes.length > 0) await this.#onAnnounced();
    return result;
  }

  async #run<Row>(scope: PoolScope, text: string, values: readonly unknown[]): Promise<Row[]> {
    return reachable(async () => {
      const name = this.#nameOf?.({ sql: text });
      const statement = { text, values: [...values], ...(name === undefined ? {} : { name }) };
      const { rows } = await this.#pool.run(scope, statement);
      return rows as Row[];
    });
  }

  #countCrossing(reason: string): void {
    this.#crossings.set(reason, (this.#crossings.get(reason) ?? 0) + 1);
  }
}

/** What a transaction will say when it commits. */
interface Pending {
  readonly changes: Change[];
  readonly entries: AuditEntry[];
}

function openTransaction(tables: Tables, pending: Pending): PlatformTransaction {
  return {
    tables,
    query: async <Row>(text: string, values: readonly unknown[] = []) =>
      tables.$queryRawUnsafe<Row[]>(text, ...values),
    announce: (change) => pending.changes.push(change),
    record: (entry) => pending.entries.push(entry),
  };
}

/** Rows, then the trail, then the feed: one order in every writer, so that none waits in a circle. */
async function flush(tables: Tables, { entries, changes }: Pending): Promise<void> {
  if (entries.length === 0 && changes.length === 0) return;
  const said = inOrder(entries).map((entry) => jsonOf(entry));
  await tables.$queryRawUnsafe(CONCLUDE, `[${said.join(',')}]`, JSON.stringify(changes));
}

/** The record as it was hashed: it is JSON already. */
function jsonOf({ trail, id, record, content, personal }: AuditEntry): string {
  const hex = Buffer.from(content).toString('hex');
  return `{"trail":"${trail}","id":"${id}","content":"${hex}","record":${record},"personal":${personal}}`;
}

/** Trails are locked in the order of their ids: two transactions over the same two cannot wait for each other. */
function inOrder(entries: readonly AuditEntry[]): AuditEntry[] {
  return entries.toSorted((one, other) => one.trail.localeCompare(other.trail));
}

/** A crossing that fails aborts the transaction: whoever catches it does not go on as the platform. */
async function crossOver<Result>(
  tables: Tables,
  roles: DatabaseRoles,
  crossing: () => Promise<Result>,
): Promise<Result> {
  await switchRole(tables, roles.platform);
  try {
    const result = await crossing();
    await switchRole(tables, roles.tenant);
    return result;
  } catch (error) {
    await tables.$queryRawUnsafe(ABORT).catch(() => undefined);
    throw error;
  }
}

async function switchRole(tables: Tables, role: string): Promise<void> {
  await tables.$queryRawUnsafe("select set_config('role', $1, true)", role);
}

async function reachable<Result>(work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // A refusal by the caller's own code may have an unreachable cause of its own.
    if (error instanceof DomainError) throw error;
    if (isUnreachable(error)) throw new DatabaseUnavailable({ cause: error });
    throw error;
  }
}

function modelsOf(client: PrismaClient): DataModel {
  // Generated, but not part of the typed surface; the spec of this folder fails should it move.
  const { _runtimeDataModel: model } = client as unknown as {
    readonly _runtimeDataModel: { readonly models: DataModel };
  };
  return model.models;
}
