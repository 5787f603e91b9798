import { Injectable } from '@nestjs/common';

import { Database } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';

const KEYS_MAX = 50;

/** A data key of a tenant, as people see it. */
export interface VaultKey {
  readonly id: string;
  readonly state: 'active' | 'retiring' | 'retired' | 'shredded';
  readonly kekId: string;
  readonly createdAt: Date;
  /** When its wrapped form was destroyed. */
  readonly endedAt: Date | null;
}

/** How far values are sealed anew under the key that took over. */
export interface RewrapProgress {
  readonly state: 'idle' | 'running';
  readonly done: number;
  readonly total: number;
}

/** A tenant's seal on its own vault. */
export interface VaultSeal {
  readonly sealedAt: Date;
  readonly sealedBy: string;
  readonly reason: string | null;
}

/** What a tenant's vault is like: everything but its content. */
export interface Vault {
  /** `null`: it is not sealed. */
  readonly seal: VaultSeal | null;
  /** The newest first. */
  readonly keys: readonly VaultKey[];
  readonly rewrap: RewrapProgress;
}

const SEAL = `
  select sealed_at as "sealedAt", sealed_by as "sealedBy", reason
  from vault_seals where tenant_id = $1::uuid`;

const KEYS = `
  select id, state, kek_id as "kekId", created_at as "createdAt", ended_at as "endedAt"
  from data_keys where tenant_id = $1::uuid order by created_at desc, id desc limit ${KEYS_MAX}`;

const REWRAP = `
  select
    coalesce((select rewraps from data_keys
              where tenant_id = $1::uuid and state = 'active'), 0) as total,
    exists (select from data_keys where tenant_id = $1::uuid and state = 'retiring') as "isRunning",
    (select count(*)::int from secret_versions v
     where v.tenant_id = $1::uuid and v.sealed is not null and v.data_key_id in (
       select id from data_keys where tenant_id = $1::uuid and state = 'retiring')) as remaining`;

/** What progress is reckoned from. */
export interface RewrapRow {
  readonly total: number;
  readonly isRunning: boolean;
  readonly remaining: number;
}

/** Shows vaults. */
@Injectable()
export class VaultReading {
  constructor(private readonly database: Database) {}

  async get(scope: TenantScope): Promise<Vault> {
    const values = [scope.tenantId];
    const [seals, keys, rewraps] = await Promise.all([
      this.database.query<VaultSeal>(scope, SEAL, values),
      this.database.query<VaultKey>(scope, KEYS, values),
      this.database.query<RewrapRow>(scope, REWRAP, values),
    ]);
    return { seal: seals[0] ?? null, keys, rewrap: progressOf(rewraps[0]) };
  }
}

export function progressOf(row: RewrapRow | undefined): RewrapProgress {
  if (!row) return { state: 'idle', done: 0, total: 0 };
  const { total, remaining, isRunning } = row;
  return { state: isRunning ? 'running' : 'idle', done: Math.max(0, total - remaining), total };
}
