import type { Prisma } from './generated/client.js';

/** Something that caches rely on has changed. */
export interface Change {
  readonly kind:
    | 'tenant'
    | 'issuer'
    | 'member'
    | 'role'
    | 'permission'
    | 'api_key'
    | 'session'
    | 'token'
    | 'break_glass'
    | 'signing_key'
    | 'data_key'
    | 'plan'
    | 'quota'
    | 'quota_threshold'
    | 'platform_account';
  readonly id: string;
  readonly tenantId: string | null;
  /** A second name by which caches may know it. */
  readonly key?: string;
}

/** One record for a trail, complete but for what only the database knows: sequence and time. */
export interface AuditEntry {
  /** The tenant whose trail it is, or the nil UUID: the platform's. */
  readonly trail: string;
  readonly id: string;
  /** In canonical JSON (RFC 8785). */
  readonly record: string;
  /** SHA-256 of that. */
  readonly content: Uint8Array;
  /** Salt and value of what stands in the record as a commitment, in JSON. */
  readonly personal: string;
}

interface Transaction {
  readonly tables: Omit<
    Prisma.TransactionClient,
    | `$${string}`
    | 'auditRecord'
    | 'auditHead'
    | 'auditCheckpoint'
    | 'auditKey'
    | 'auditStreamCursor'
    | 'change'
    | 'node'
  >;

  /** SQL written by hand, in this transaction. It names its tenant as a parameter. */
  readonly query: <Row>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

  /**
   * Tells every node, when this transaction commits. Sent as its last statement, so that
   * revisions follow commit order; after the trail, so that every writer locks in one order.
   */
  readonly announce: (change: Change) => void;

  /** Puts an entry on record when this transaction commits. */
  readonly record: (entry: AuditEntry) => void;
}

/** An open transaction and the only tenant it can reach. `Database.within` alone makes one. */
export interface TenantTransaction extends Transaction {
  readonly tenantId: string;

  /** Leaves the tenant for one registry that all tenants share, and comes back. */
  readonly acrossTenants: <Result>(reason: string, work: () => Promise<Result>) => Promise<Result>;
}

/** An open transaction over all tenants. `Database.acrossTenants` alone makes one. */
export type PlatformTransaction = Transaction;

/** Tables for reading outside a transaction: each call is one round trip. */
export type TenantTables = Transaction['tables'];
