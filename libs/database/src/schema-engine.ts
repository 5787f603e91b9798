import { readdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlQuery,
  type SqlQueryable,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

// Node has it, but its types come only with those of a browser.
declare const WebAssembly: {
  instantiate(
    bytes: Uint8Array,
    imports: object,
  ): Promise<{ readonly instance: { readonly exports: Record<string, unknown> } }>;
};

const CHAR = 18;
const TEXT = 25;
const NO_FILTERS = { externalTables: [], externalEnums: [] };
const LOCKFILE = { path: 'migration_lock.toml', content: 'provider = "postgresql"\n' };

interface Engine {
  applyMigrations(input: unknown): Promise<{ readonly appliedMigrationNames: readonly string[] }>;
  diagnoseMigrationHistory(input: unknown): Promise<MigrationHistory>;
  diff(input: unknown): Promise<{ readonly stdout?: string | null; readonly exitCode: number }>;
}

/** What stands between the migrations of this version and those that the database has seen. */
export interface MigrationHistory {
  readonly editedMigrationNames: readonly string[];
  readonly failedMigrationNames: readonly string[];
  readonly history: unknown;
}

interface EngineModule {
  readonly SchemaEngine: {
    new: (
      options: { readonly datamodels: readonly (readonly [string, string])[] },
      log: (line: string) => void,
      adapter: unknown,
    ) => Promise<Engine>;
  };
  readonly __wbg_set_wasm: (exports: unknown) => void;
}

/**
 * Prisma's adapter cuts a script at every semicolon, in the middle of a function's body too.
 * PostgreSQL takes a script whole, and runs it in one implicit transaction.
 */
class WholeScripts extends PrismaPg {
  readonly #pool: pg.Pool;

  constructor(url: string) {
    // As the login itself: a pooled login may carry the tenant role by default.
    const pool = new pg.Pool({ connectionString: url, options: '-c role=none', max: 2 });
    super(pool);
    this.#pool = pool;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }

  override async connect(): ReturnType<PrismaPg['connect']> {
    const adapter = await super.connect();
    adapter.executeScript = async (script) => {
      await this.#pool.query(script).catch((error: unknown) => {
        throw inWordsOfAdapter(error);
      });
    };
    return readingChars(adapter);
  }
}

/** Any other error than the adapter's own reaches the operator without its reason. */
function inWordsOfAdapter(error: unknown): unknown {
  if (!(error instanceof pg.DatabaseError)) return error;
  const { code, severity, message, detail, column, hint } = error;
  return new DriverAdapterError({
    kind: 'postgres',
    code: code ?? '',
    severity: severity ?? '',
    message,
    detail,
    column,
    hint,
  });
}

/** The adapter refuses "char", the type of half the catalogue's columns, which `drift` reads. */
function readingChars<Adapter extends SqlQueryable>(adapter: Adapter): Adapter {
  const inner = adapter as Adapter & {
    performIO: (query: SqlQuery) => Promise<{ readonly fields: pg.FieldDef[] }>;
  };
  const chars = new WeakMap<SqlQuery, ReadonlySet<number>>();
  const performIO = inner.performIO.bind(inner);
  inner.performIO = async (query) => {
    const result = await performIO(query);
    const found = result.fields.flatMap((field, index) => (field.dataTypeID === CHAR ? index : []));
    for (const index of found) Object.assign(result.fields[index] ?? {}, { dataTypeID: TEXT });
    chars.set(query, new Set(found));
    return result;
  };
  const queryRaw = inner.queryRaw.bind(inner);
  inner.queryRaw = async (query) => {
    const result = await queryRaw(query);
    const columnTypes = result.columnTypes.map((type, index) =>
      chars.get(query)?.has(index) ? ColumnTypeEnum.Character : type,
    );
    return { ...result, columnTypes };
  };
  return inner;
}

/**
 * Prisma's own schema engine in its WebAssembly build: the CLI's engine is a download from
 * outside the npm registry, which a machine without that host cannot make.
 */
export class SchemaEngine {
  private constructor(
    private readonly adapter: WholeScripts,
    private readonly engine: Engine,
    private readonly prismaDir: string,
    private readonly models: readonly (readonly [string, string])[],
  ) {}

  /** `prismaDir` holds schema.prisma, models/ and migrations/. */
  static async connect(url: string, prismaDir: string): Promise<SchemaEngine> {
    const models = await readModels(prismaDir);
    const adapter = new WholeScripts(url);
    const { SchemaEngine: engines } = await loadEngineModule();
    const engine = await engines.new(
      { datamodels: models },
      () => undefined,
      bindMigrationAwareSqlAdapterFactory(adapter),
    );
    return new SchemaEngine(adapter, engine, prismaDir, models);
  }

  /** Applies what is missing, in order, and returns the names. */
  async applyMigrations(): Promise<readonly string[]> {
    const migrationsList = await this.listMigrations();
    const { appliedMigrationNames } = await this.engine.applyMigrations({
      migrationsList,
      filters: NO_FILTERS,
    });
    return appliedMigrationNames;
  }

  async diagnose(): Promise<MigrationHistory> {
    return this.engine.diagnoseMigrationHistory({
      migrationsList: await this.listMigrations(),
      optInToShadowDatabase: false,
      filters: NO_FILTERS,
    });
  }

  /** The SQL that would make the database what the models say; empty when they agree. */
  async drift(): Promise<string> {
    const { stdout } = await this.engine.diff({
      from: { tag: 'schemaDatasource', files: this.files(), configDir: this.prismaDir },
      ...this.diffTail(),
    });
    return stdout ?? '';
  }

  /** The SQL that makes the models out of nothing: a draft for a new migration. */
  async draft(): Promise<string> {
    const { stdout } = await this.engine.diff({ from: { tag: 'empty' }, ...this.diffTail() });
    return stdout ?? '';
  }

  async close(): Promise<void> {
    await this.adapter.close();
  }

  private files(): object[] {
    return this.models.map(([path, content]) => ({ path, content }));
  }

  private diffTail(): object {
    return {
      to: { tag: 'schemaDatamodel', files: this.files() },
      script: true,
      exitCode: null,
      shadowDatabaseUrl: null,
      filters: NO_FILTERS,
    };
  }

  private async listMigrations(): Promise<object> {
    const baseDir = join(this.prismaDir, 'migrations');
    const entries = await readdir(baseDir, { withFileTypes: true });
    const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
    const migrationDirectories = await Promise.all(
      names.toSorted().map(async (path) => ({
        path,
        migrationFile: {
          path: 'migration.sql',
          content: {
            tag: 'ok',
            value: await readFile(join(baseDir, path, 'migration.sql'), 'utf8'),
          },
        },
      })),
    );
    return { baseDir, lockfile: LOCKFILE, shadowDbInitScript: '', migrationDirectories };
  }
}

async function readModels(prismaDir: string): Promise<(readonly [string, string])[]> {
  const models = await readdir(join(prismaDir, 'models'));
  const paths = ['schema.prisma', ...models.toSorted().map((name) => `models/${name}`)];
  return Promise.all(
    paths.map(async (path) => [path, await readFile(join(prismaDir, path), 'utf8')] as const),
  );
}

let engineModule: Promise<EngineModule> | undefined;

async function loadEngineModule(): Promise<EngineModule> {
  engineModule ??= instantiateEngine();
  return engineModule;
}

/** The package's own loader expects a bundler: the module is instantiated by hand. */
async function instantiateEngine(): Promise<EngineModule> {
  const entry = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm');
  const path = entry.replace(/schema_engine\.js$/, 'schema_engine_bg');
  const module = (await import(pathToFileURL(`${path}.js`).href)) as EngineModule;
  const bytes = await readFile(`${path}.wasm`);
  const { instance } = await WebAssembly.instantiate(bytes, {
    './schema_engine_bg.js': withIdleTimers(module),
  });
  module.__wbg_set_wasm(instance.exports);
  (instance.exports['__wbindgen_start'] as () => void)();
  return module;
}

/** The engine never clears its timers, of ten seconds and more: they must not keep a process alive. */
function withIdleTimers(module: EngineModule): object {
  const timers = Object.keys(module).filter((name) => name.startsWith('__wbg_setTimeout_'));
  const idle = (run: () => void, ms: number): NodeJS.Timeout => setTimeout(run, ms).unref();
  return { ...module, ...Object.fromEntries(timers.map((name) => [name, idle])) };
}
