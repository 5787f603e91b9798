// The only code that knows Prisma and PostgreSQL: one door within a tenant, a narrow one across.
export { assertIsolation, DatabaseUnsafe } from './boot-checks.js';
export { type AppliedChange, ChangeFeed, type ChangeListener } from './change-feed.js';
export { Database } from './database.js';
export { DatabaseUnavailable, isUnreachable, violatedConstraint } from './database.errors.js';
export { EmbeddedPostgres, EmbeddedPostgresFailed } from './embedded/embedded-postgres.js';
export { migrate, MigrationRefused } from './migrate.js';
export { DATABASE_ROLES } from './pool-scope.js';
export type { AuditEntry, PlatformTransaction, TenantTransaction } from './transaction.js';
