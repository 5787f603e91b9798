import pg from 'pg';

import { TransactionAborted } from './database.errors.js';
import { type DatabaseRoles, type PoolScope, poolScope } from './pool-scope.js';
import { runScoped, scopeStatement, type Statement } from './scoped-query.js';

const SCOPE_NAME = 'tenantry_scope';
const CONNECT_TIMEOUT_MS = 3_000;
const STATEMENT_TIMEOUT_MS = 15_000;
/** The server's own word comes first; past it the network has swallowed question or answer. */
const READ_TIMEOUT_MS = STATEMENT_TIMEOUT_MS + 1_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 30_000;

export interface ScopedPoolOptions {
  readonly url: string;
  readonly size: number;
  readonly roles: DatabaseRoles;
  readonly preparedStatements: boolean;
}

/** `bigint` as BigInt, as Prisma gives it: one meaning of a revision in the whole house. */
const TYPES: pg.CustomTypesConfig = {
  getTypeParser: (type, format): unknown =>
    type === pg.types.builtins.INT8
      ? (text: string) => BigInt(text)
      : pg.types.getTypeParser(type, format),
};

/**
 * A pool in which no statement runs without a scope.
 *
 * Each statement, and each transaction that Prisma opens, first sets its role and its tenant,
 * locally, because a pooler may drop start-up options and shares connections between clients.
 * The setting is pipelined with what follows: no round trip is added.
 */
export class ScopedPool extends pg.Pool {
  readonly #wrapped = new WeakSet<pg.PoolClient>();
  readonly #scopeName: string | undefined;

  constructor({ url, size, roles, preparedStatements }: ScopedPoolOptions) {
    super({
      connectionString: url,
      max: size,
      pipeline: true,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      query_timeout: READ_TIMEOUT_MS,
      // A statement that escapes every scope still meets the policies, and sees zero rows.
      // Prisma's adapter writes times without their zone: they are UTC.
      options: `-c role=${roles.tenant} -c TimeZone=UTC`,
    });
    // A connection that breaks is replaced, and the statement that needed it reports it. Without
    // these an event that nobody hears would end the process, in the midst of a statement too.
    this.on('error', () => undefined);
    this.on('connect', (client) => client.on('error', () => undefined));
    this.#scopeName = preparedStatements ? SCOPE_NAME : undefined;
    if (preparedStatements) this.on('connect', (client) => void prepareScope(client, roles));
  }

  /** One statement in its own transaction, in one round trip. */
  async run<Row extends pg.QueryResultRow>(
    scope: PoolScope,
    statement: Statement,
  ): Promise<pg.QueryResult<Row>> {
    return this.#inTransaction(scope, { ...statement, types: TYPES });
  }

  // What Prisma calls outside a transaction.
  override query(statement: unknown): never {
    return this.#inTransaction(currentScope(), statement as Statement) as never;
  }

  // What Prisma calls to open one: its BEGIN is answered at once and sent with the first statement.
  override connect(): never {
    return this.#connectForPrisma() as never;
  }

  async #connectForPrisma(): Promise<pg.PoolClient> {
    currentScope();
    const client = await super.connect();
    if (!this.#wrapped.has(client)) {
      this.#wrapped.add(client);
      scopeBegin(client, this.#scopeName);
    }
    return client;
  }

  async #inTransaction<Row extends pg.QueryResultRow>(
    scope: PoolScope,
    statement: Statement,
  ): Promise<pg.QueryResult<Row>> {
    const client = await super.connect();
    try {
      const setting = scopeStatement(scope, this.#scopeName);
      const result = await runScoped<Row>(client, setting, statement);
      client.release();
      return result;
    } catch (error) {
      // Only a plain error of the statement leaves the connection as it was.
      client.release(!isOfStatement(error));
      throw error;
    }
  }
}

/** Once a connection; should it fail, so does every statement after it. */
async function prepareScope(client: pg.PoolClient, { tenant: role }: DatabaseRoles): Promise<void> {
  await client.query(scopeStatement({ role, tenantId: '' }, SCOPE_NAME)).catch(() => undefined);
}

function isOfStatement(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.severity !== 'FATAL';
}

function currentScope(): PoolScope {
  const scope = poolScope.getStore();
  if (!scope) throw new Error('A statement reached the pool outside Database.within or its kin.');
  return scope;
}

function scopeBegin(client: pg.PoolClient, scopeName: string | undefined): void {
  const query = client.query.bind(client) as (statement: unknown) => Promise<pg.QueryResult>;
  const scoped = (statement: unknown): Promise<unknown> => {
    const { text } = statement as Partial<Statement>;
    if (text === 'COMMIT') return committed(query(statement));
    if (text !== 'BEGIN') return query(statement);
    // Both are pipelined; should one fail, the statements after it fail too, and are reported.
    query('begin').catch(() => undefined);
    query(scopeStatement(currentScope(), scopeName)).catch(() => undefined);
    return Promise.resolve({ rowCount: 0, rows: [], fields: [] });
  };
  Object.assign(client, { query: scoped });
}

/** PostgreSQL answers the COMMIT of an aborted transaction with a ROLLBACK, and calls it no error. */
async function committed(commit: Promise<pg.QueryResult>): Promise<pg.QueryResult> {
  const result = await commit;
  if (result.command === 'ROLLBACK') throw new TransactionAborted();
  return result;
}
