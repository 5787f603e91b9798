import { poolScope, type PoolScope } from './pool-scope.js';

interface Field {
  readonly name: string;
  readonly kind: string;
}

export type DataModel = Readonly<Record<string, { readonly fields: readonly Field[] }>>;

interface Operation {
  readonly model?: string;
  readonly operation: string;
  readonly args: unknown;
  readonly query: (args: unknown) => Promise<unknown>;
}

type Arguments = Record<string, unknown>;

/** Models that no tenant owns. Whoever adds one says so here, or the process does not start. */
const GLOBAL_MODELS: ReadonlySet<string> = new Set([
  'Tenant',
  'Node',
  'IdempotencyKey',
  'PlatformServiceAccount',
  'SigningKey',
  'AuditKey',
  'Person',
  'PlatformAdmin',
  'RefreshToken',
  'RevokedToken',
  'PasswordReset',
  'SigninAttempt',
  'EnginePermission',
  'KeyEncryptionKey',
  'Plan',
  'PlanLimit',
  'WrappedMasterKey',
]);

/** Found by the tenant itself, whose own id is the scope. */
const TENANT_MODEL = 'Tenant';

const FILTERED = new Set([
  'findFirst',
  'findFirstOrThrow',
  'findMany',
  'count',
  'aggregate',
  'groupBy',
  'updateMany',
  'updateManyAndReturn',
  'deleteMany',
]);
const WRITTEN = new Set([
  'create',
  'createMany',
  'createManyAndReturn',
  'updateMany',
  'updateManyAndReturn',
]);

/** A query that the scope cannot be applied to. A mistake in the code, never in a request. */
export class ScopeRefused extends Error {
  override readonly name = 'ScopeRefused';
}

/** Refuses a data model in which somebody forgot to decide whom a table belongs to. */
export function assertEveryModelIsOwned(models: DataModel): void {
  const undecided = Object.entries(models)
    .filter(([name, { fields }]) => !GLOBAL_MODELS.has(name) && !hasTenant(fields))
    .map(([name]) => name);
  if (undecided.length > 0) {
    throw new ScopeRefused(`Neither tenant-owned nor listed as global: ${undecided.join(', ')}.`);
  }
}

/**
 * The first lock in depth: adds the scope's tenant to every `where` and every `data` of a
 * tenant-owned model, so that a repository can neither forget nor repeat it.
 *
 * Only operations whose every row can be filtered pass: `findUnique` is merged by Prisma across
 * requests of the same tick, and `update`, `delete` and `upsert` have twins that filter.
 */
export function scopeOperation(models: DataModel, scope: PoolScope) {
  return ({ model = '', operation, args, query }: Operation): Promise<unknown> => {
    const scoped = scopeArguments(models[model]?.fields ?? [], model, {
      operation,
      args: (args ?? {}) as Arguments,
      tenantId: scope.tenantId,
    });
    return poolScope.run(scope, async () => query(scoped));
  };
}

interface Unscoped {
  readonly operation: string;
  readonly args: Arguments;
  readonly tenantId: string;
}

function scopeArguments(fields: readonly Field[], model: string, unscoped: Unscoped): Arguments {
  const { operation, args, tenantId } = unscoped;
  const column = ownerColumn(model, fields);
  if (!FILTERED.has(operation) && !WRITTEN.has(operation)) {
    throw new ScopeRefused(`${model}.${operation} cannot be scoped to a tenant.`);
  }
  const relations = new Set(fields.filter(({ kind }) => kind === 'object').map(({ name }) => name));
  refuseRelations(model, args, relations);
  // Its row may be another tenant's, and what comes after that row would tell where it lies.
  if ('cursor' in args) throw new ScopeRefused(`${model}.${operation} takes no cursor.`);

  const scoped: Arguments = { ...args };
  if (FILTERED.has(operation)) {
    const where = (args['where'] ?? {}) as Arguments;
    refuseForeign(where[column], tenantId);
    scoped['where'] = { AND: [{ [column]: tenantId }, where] };
  }
  if (WRITTEN.has(operation)) scoped['data'] = scopeData(args['data'], column, unscoped);
  return scoped;
}

function ownerColumn(model: string, fields: readonly Field[]): string {
  if (model === TENANT_MODEL) return 'id';
  if (hasTenant(fields)) return 'tenantId';
  throw new ScopeRefused(`${model} belongs to no tenant.`);
}

function scopeData(data: unknown, column: string, { operation, tenantId }: Unscoped): unknown {
  if (Array.isArray(data)) {
    return data.map((row) => scopeRow(row as Arguments, column, tenantId));
  }
  const row = (data ?? {}) as Arguments;
  if (!operation.startsWith('update')) return scopeRow(row, column, tenantId);
  if (column in row) throw new ScopeRefused('A row never changes its tenant.');
  return row;
}

function scopeRow(row: Arguments, column: string, tenantId: string): Arguments {
  refuseForeign(row[column], tenantId);
  return { ...row, [column]: tenantId };
}

function refuseForeign(given: unknown, tenantId: string): void {
  if (given !== undefined && given !== tenantId) {
    throw new ScopeRefused('A tenant given by hand is not the tenant of the scope.');
  }
}

/** A relation reads or writes a second model, which this call does not scope. */
function refuseRelations(model: string, args: Arguments, relations: ReadonlySet<string>): void {
  const parts = [args['data'], args['where'], args['select'], args['include'], args['orderBy']];
  const named = parts.flat().flatMap(keysOf);
  const found = named.find((name) => relations.has(name) || name === '_count');
  if (found) throw new ScopeRefused(`${model}.${found} reaches into another model.`);
}

function keysOf(row: unknown): string[] {
  if (typeof row !== 'object' || row === null) return [];
  return Object.entries(row).flatMap(([name, value]: [string, unknown]) =>
    ['AND', 'OR', 'NOT'].includes(name) ? [value].flat().flatMap(keysOf) : name,
  );
}

function hasTenant(fields: readonly Field[]): boolean {
  return fields.some(({ name }) => name === 'tenantId');
}
