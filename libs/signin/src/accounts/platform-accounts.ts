import { Injectable } from '@nestjs/common';

import {
  type EngineAccount,
  isPlatformRole,
  type PlatformAccount,
  PlatformDirectory,
} from '@tenantry/access';
import { Database } from '@tenantry/database';
import { Clock, isUuid } from '@tenantry/kernel';
import { ClientSecrets } from './client-secrets.js';

const REASON = 'platform-accounts';
const NOBODY = Buffer.alloc(32);

// The same rule as the guard's: who is anything besides is no engine.
const ENGINES = `
  select id::text, client_id as "clientId" from platform_service_accounts
  where (client_id = any($1::text[]) or id = any($2::uuid[]))
    and roles = '{engine}' and status = 'active'`;

interface ServiceRow {
  readonly id: string;
  readonly name: string;
  readonly client_id: string;
  readonly secret_hash: Uint8Array;
  readonly previous_secret_hash: Uint8Array | null;
  readonly previous_until: Date | null;
  readonly roles: readonly string[];
}

interface PersonRow {
  readonly id: string;
  readonly email: string;
  readonly display_name: string | null;
  readonly roles: readonly string[] | null;
}

/** A service account, as its client id found it. */
export interface PlatformClient extends PlatformAccount {
  readonly clientId: string;
}

/** Finds those who stand outside every tenant: service accounts, and people. */
@Injectable()
export class PlatformAccounts extends PlatformDirectory {
  constructor(
    private readonly database: Database,
    private readonly secrets: ClientSecrets,
    private readonly clock: Clock,
  ) {
    super();
  }

  async find(id: string): Promise<PlatformAccount | null> {
    const [row] = await this.#services('id::text = $1', id);
    return row ? toClient(row) : null;
  }

  async findPerson(id: string): Promise<PlatformAccount | null> {
    if (!isUuid(id)) return null;
    const [row] = await this.database.queryAcrossTenants<PersonRow>(
      REASON,
      `select p.id::text, p.email, p.display_name, a.roles
       from people p left join platform_admins a on a.person_id = p.id and a.status = 'active'
       where p.id = $1::uuid`,
      [id],
    );
    if (!row) return null;
    const { email, display_name: name } = row;
    const roles = (row.roles ?? []).filter(isPlatformRole);
    return { id: row.id, kind: 'person', name: name ?? email, email, roles };
  }

  async findEngines(names: readonly string[]): Promise<readonly EngineAccount[]> {
    const values = [names, names.filter(isUuid)];
    return this.database.queryAcrossTenants<EngineAccount>(REASON, ENGINES, values);
  }

  /** The account of a client that shows its secret, or null; in equal time whether or not it exists. */
  async authenticate(clientId: string, secret: string): Promise<PlatformClient | null> {
    const [row] = await this.#services('client_id = $1', clientId);
    const matches = this.secrets.matches(secret, row?.secret_hash ?? NOBODY);
    const matchedBefore = this.secrets.matches(secret, row?.previous_secret_hash ?? NOBODY);
    const overlaps = (row?.previous_until ?? new Date(0)) > this.clock.now();
    return row && (matches || (matchedBefore && overlaps)) ? toClient(row) : null;
  }

  async #services(where: string, value: string): Promise<ServiceRow[]> {
    return this.database.queryAcrossTenants<ServiceRow>(
      REASON,
      `select id::text, name, client_id, secret_hash, previous_secret_hash, previous_until, roles
       from platform_service_accounts where ${where} and status = 'active'`,
      [value],
    );
  }
}

function toClient({ id, name, client_id: clientId, roles }: ServiceRow): PlatformClient {
  return { id, kind: 'service', name, email: null, clientId, roles: roles.filter(isPlatformRole) };
}
