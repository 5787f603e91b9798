import { DomainError } from '@tenantry/kernel';

/** PostgreSQL cannot be reached, or is going down: nothing was decided, and nothing is let by. */
export class DatabaseUnavailable extends DomainError {
  readonly code = 'service.database_unavailable';
  readonly kind = 'unavailable';
  override readonly retryAfterSeconds = 1;

  constructor(options?: ErrorOptions) {
    super(
      'The service cannot reach its database. Nothing was changed; try again shortly.',
      options,
    );
  }
}

/** A statement failed and somebody caught that, so that the transaction came to nothing. A mistake in the code. */
export class TransactionAborted extends Error {
  override readonly name = 'TransactionAborted';

  constructor() {
    super('A statement of the transaction failed before its end: nothing was committed.');
  }
}

/** SQLSTATE classes 08 (connection), 53 (resources) and 57P (shutdown); Node's socket errors. */
const UNREACHABLE =
  /^(08...|53[34]00|57P0[1-5]|ECONN\w+|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN|P1001|P1002|P1008|P1017|P2024|P2028)$/;
const UNREACHABLE_TEXT =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|timeout expired|client has encountered a connection error|pool after calling end|not queryable|socket/i;
const CAUSES_MAX = 5;

/** Whether `error`, or what caused it, says that the database is out of reach. */
export function isUnreachable(error: unknown): boolean {
  return chainOf(error).some(
    ({ code, message }) =>
      (typeof code === 'string' && UNREACHABLE.test(code)) ||
      (typeof message === 'string' && UNREACHABLE_TEXT.test(message)),
  );
}

/** The name of the constraint that a statement violated, or null. */
export function violatedConstraint(error: unknown): string | null {
  for (const link of chainOf(error)) {
    const { constraint } = link;
    if (typeof constraint === 'string') return constraint;
    if (constraint && typeof constraint === 'object' && 'index' in constraint) {
      return String(constraint.index);
    }
    const { originalMessage = '' } = link;
    const named = /unique constraint "([^"]+)"/.exec(originalMessage as string);
    if (named?.[1]) return named[1];
  }
  return null;
}

/** An error and what it wraps: Prisma puts the driver's words under `meta.driverAdapterError.cause`. */
function chainOf(error: unknown): Record<string, unknown>[] {
  const chain: Record<string, unknown>[] = [];
  let link = error;
  while (link && typeof link === 'object' && chain.length < CAUSES_MAX) {
    const found = link as Record<string, unknown>;
    chain.push(found);
    const meta = found['meta'] as Record<string, unknown> | undefined;
    link = meta?.['driverAdapterError'] ?? found['cause'];
  }
  return chain;
}
