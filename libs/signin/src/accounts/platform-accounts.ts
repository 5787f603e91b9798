import { Injectable } from '@nestjs/common';

import {
  isPlatformRole,
  type PlatformAccount,
  PlatformDirectory,
  type PlatformRole,
} from '@tenantry/access';
import { AuditTrail, TENANTRY } from '@tenantry/audit';
import type { AdminCredential } from '@tenantry/config';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { newId } from '@tenantry/kernel';
import { ClientSecrets } from './client-secrets.js';

const REASON = 'platform-accounts';
const LOCK = '7236841, 4';
const FIRST_NAME = 'First platform admin';
const NOBODY = Buffer.alloc(32);

interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly client_id: string;
  readonly secret_hash: Uint8Array;
  readonly roles: readonly string[];
}

/** A service account, as its client id found it. */
export interface PlatformClient extends PlatformAccount {
  readonly clientId: string;
}

/** Service accounts that stand outside every tenant. */
@Injectable()
export class PlatformAccounts extends PlatformDirectory {
  constructor(
    private readonly database: Database,
    private readonly secrets: ClientSecrets,
    private readonly audit: AuditTrail,
  ) {
    super();
  }

  async find(id: string): Promise<PlatformAccount | null> {
    const [row] = await this.#query('id::text = $1', id);
    return row ? toAccount(row) : null;
  }

  /** The account of a client that shows its secret, or null; in equal time whether or not it exists. */
  async authenticate(clientId: string, secret: string): Promise<PlatformClient | null> {
    const [row] = await this.#query('client_id = $1', clientId);
    const matches = this.secrets.matches(secret, row?.secret_hash ?? NOBODY);
    return row && matches ? toAccount(row) : null;
  }

  /**
   * Makes the first platform admin where there is none, and gives its credential, for once.
   * A credential from the settings is taken over at every start; then null is given.
   */
  async ensureFirst(configured: AdminCredential | null): Promise<AdminCredential | null> {
    return this.database.acrossTenants(REASON, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${LOCK})::text`);
      if (configured) {
        await this.#adopt(tx, configured);
        return null;
      }
      if ((await tx.tables.platformServiceAccount.count()) > 0) return null;
      const credential = {
        clientId: `platform-${newId().slice(-12)}`,
        clientSecret: this.secrets.generate(),
      };
      await this.#insert(tx, credential);
      return credential;
    });
  }

  async #adopt(tx: PlatformTransaction, credential: AdminCredential): Promise<void> {
    const { platformServiceAccount: accounts } = tx.tables;
    const { clientId, clientSecret } = credential;
    const found = await accounts.findFirst({ where: { clientId } });
    if (!found) return this.#insert(tx, credential);
    if (this.secrets.matches(clientSecret, found.secretHash)) return undefined;
    const secretHash = new Uint8Array(this.secrets.hash(clientSecret));
    await accounts.updateMany({ where: { clientId }, data: { secretHash } });
    this.#record(tx, 'platform_account.secret_replaced', found.id);
    return undefined;
  }

  async #insert(
    tx: PlatformTransaction,
    { clientId, clientSecret }: AdminCredential,
  ): Promise<void> {
    const id = newId();
    const secretHash = new Uint8Array(this.secrets.hash(clientSecret));
    const roles: PlatformRole[] = ['platform-admin'];
    await tx.tables.platformServiceAccount.create({
      data: { id, name: FIRST_NAME, clientId, secretHash, roles },
    });
    this.#record(tx, 'platform_account.created', id);
  }

  #record(tx: PlatformTransaction, deed: `platform_account.${string}`, id: string): void {
    this.audit.recordOnPlatform(tx, TENANTRY, {
      deed,
      target: { kind: 'platform_account', id, name: FIRST_NAME },
    });
    tx.announce({ kind: 'platform_account', id, tenantId: null });
  }

  async #query(where: string, value: string): Promise<AccountRow[]> {
    return this.database.queryAcrossTenants<AccountRow>(
      REASON,
      `select id, name, client_id, secret_hash, roles from platform_service_accounts
       where ${where} and status = 'active'`,
      [value],
    );
  }
}

function toAccount({ id, name, client_id: clientId, roles }: AccountRow): PlatformClient {
  return { id, kind: 'service', name, clientId, roles: roles.filter(isPlatformRole) };
}
