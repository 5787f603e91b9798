import pg from 'pg';

import type { Api } from './start-api.js';

/** Looks past the application and its policies: what is really in the database. */
export class Superuser {
  readonly #pool: pg.Pool;
  #rowsOfTenant: Promise<string> | undefined;

  constructor({ superuserUrl }: Pick<Api, 'superuserUrl'>) {
    if (superuserUrl === null) throw new Error('This application has no database of its own.');
    this.#pool = new pg.Pool({ connectionString: superuserUrl, max: 1 });
  }

  async query<Row extends pg.QueryResultRow>(
    text: string,
    values: readonly unknown[] = [],
  ): Promise<Row[]> {
    const { rows } = await this.#pool.query<Row>(text, [...values]);
    return rows;
  }

  /** Every row of every table that is a tenant's, by table. */
  async rowsOf(tenantId: string): Promise<Readonly<Record<string, unknown>>> {
    this.#rowsOfTenant ??= this.#statement();
    // By a name, so that the server plans the question once: that costs more than the answer.
    const { rows: found } = await this.#pool.query<{ name: string; rows: unknown }>({
      name: 'rows_of_tenant',
      text: await this.#rowsOfTenant,
      values: [tenantId],
    });
    return Object.fromEntries(found.map(({ name, rows }) => [name, rows]));
  }

  /** From the catalogue, so that a new table joins by existing. */
  async #statement(): Promise<string> {
    const tables = await this.query<{ readonly name: string }>(
      // Partitions are read through their table.
      `select table_name as name from information_schema.columns
       where table_schema = 'public' and column_name = 'tenant_id'
         and not (select relispartition from pg_class where oid = table_name::regclass)
       order by 1`,
    );
    const places = [
      { name: 'tenants', column: 'id' },
      ...tables.map(({ name }) => ({ name, column: 'tenant_id' })),
    ];
    return places
      .map(
        ({ name, column }) =>
          `select '${name}' as name, jsonb_agg(to_jsonb(t) order by to_jsonb(t)::text) as rows
           from ${name} t where ${column} = $1`,
      )
      .join(' union all ');
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}
