import type { EventEmitter } from 'node:events';

import pg from 'pg';

import type { PoolScope } from './pool-scope.js';

// Prisma's adapter writes times without their zone, as UTC; a pooler may have dropped the option that says so.
const SCOPE =
  "select set_config('role', $1, true), set_config('app.tenant_id', $2, true), set_config('TimeZone', 'UTC', true)";

export interface Statement {
  readonly text: string;
  readonly values?: unknown[];
  /** Under which the server keeps it prepared; none: it is prepared each time. */
  readonly name?: string;
  readonly types?: pg.CustomTypesConfig;
}

/** Sets role and tenant until the transaction ends. */
export function scopeStatement({ role, tenantId }: PoolScope, name?: string): Statement {
  return { text: SCOPE, values: [role, tenantId], ...(name === undefined ? {} : { name }) };
}

/** What a statement says to the server: messages of the extended query protocol. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void };
  parse(message: { readonly text: string }): void;
  bind(message: { readonly statement?: string; readonly values?: unknown[] }): void;
  execute(message: object): void;
}

/** The part of `pg.Query` by which `pg` and its extensions drive a statement; its types leave it out. */
interface DriverQuery extends EventEmitter {
  submit(wire: Wire): unknown;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, wire: Wire): void;
}

const DriverQuery = pg.Query as unknown as new (config: object) => DriverQuery;

/**
 * A statement that brings its scope along.
 *
 * Both are sent before one Sync, of which PostgreSQL makes one transaction: neither BEGIN nor
 * COMMIT is sent, and one answer comes back. Where the scope fails, the statement is not run.
 */
export class ScopedQuery extends DriverQuery {
  readonly #scope: Statement;
  #isScoped = false;

  constructor(scope: Statement, statement: Statement, callback: unknown) {
    // `pg` sends one without parameters as a simple query, which takes no part in a pipeline.
    super({ ...statement, callback, queryMode: 'extended' });
    this.#scope = scope;
  }

  override submit(wire: Wire): unknown {
    const { name, text, values = [] } = this.#scope;
    wire.stream.cork();
    try {
      if (name === undefined) wire.parse({ text });
      wire.bind({ values, ...(name === undefined ? {} : { statement: name }) });
      wire.execute({});
      return super.submit(wire);
    } finally {
      wire.stream.uncork();
    }
  }

  override handleDataRow(message: unknown): void {
    if (this.#isScoped) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, wire: Wire): void {
    if (this.#isScoped) super.handleCommandComplete(message, wire);
    this.#isScoped = true;
  }
}

/** Runs a statement within a scope, in one round trip. A named scope is prepared there already. */
export async function runScoped<Row extends pg.QueryResultRow>(
  client: pg.PoolClient,
  scope: Statement,
  statement: Statement,
): Promise<pg.QueryResult<Row>> {
  return new Promise((resolve, reject) => {
    // Not by events: the read timeout of `pg` knows callbacks alone, and would swallow them.
    const callback = (error: Error | null, result: pg.QueryResult<Row>): void => {
      if (error) reject(error);
      else resolve(result);
    };
    client.query(new ScopedQuery(scope, statement, callback) as unknown as pg.Submittable);
  });
}
