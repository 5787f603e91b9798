import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction, violatedConstraint } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { NewRole, OwnRole, RoleChanges } from './role.js';
import { RoleExists } from './roles.errors.js';

/** What a role holds, for whoever only wants to know that. */
export type HeldRole = Pick<OwnRole, 'name' | 'permissions'>;

const HELD = 'select name, permissions from roles where tenant_id = $1::uuid';

/** Members of the past name no role; a grant that has ended still does. */
const IS_USED = `
  select exists (
    select from members
    where tenant_id = $1::uuid and status <> 'denied'
      and ($2::text = any(roles)
        or grants @> jsonb_build_array(jsonb_build_object('role', $2::text)))
  ) or exists (
    select from issuers
    where tenant_id = $1::uuid
      and ($2::text = any(roles)
        or role_mapping @> jsonb_build_array(jsonb_build_object('role', $2::text)))
  ) as "isUsed"`;

@Injectable()
export class RolesRepository {
  constructor(private readonly database: Database) {}

  async list(scope: TenantScope): Promise<OwnRole[]> {
    return this.database.read(scope, ({ role }) => role.findMany({ orderBy: { name: 'asc' } }));
  }

  async find(scope: TenantScope, name: string): Promise<OwnRole | null> {
    return this.database.read(scope, ({ role }) => role.findFirst({ where: { name } }));
  }

  async held(scope: TenantScope): Promise<HeldRole[]> {
    return this.database.query<HeldRole>(scope, HELD, [scope.tenantId]);
  }

  /** What these roles hold, and go on holding until the transaction ends. */
  async holdIn(
    { query, tenantId }: TenantTransaction,
    names: readonly string[],
  ): Promise<HeldRole[]> {
    return query<HeldRole>(`${HELD} and name = any($2::text[]) order by name for share`, [
      tenantId,
      names,
    ]);
  }

  /** The role, for this transaction alone: whoever gives it meanwhile waits. */
  async lock(
    { query, tables, tenantId }: TenantTransaction,
    name: string,
  ): Promise<OwnRole | null> {
    await query(`${HELD} and name = $2::text for update`, [tenantId, name]);
    return tables.role.findFirst({ where: { name } });
  }

  /** Has other definitions of roles wait, so that none is one too many. */
  async count({ query, tables, tenantId }: TenantTransaction): Promise<number> {
    await query('select from tenants where id = $1::uuid for no key update', [tenantId]);
    return tables.role.count();
  }

  async insert({ tables }: TenantTransaction, role: NewRole): Promise<void> {
    const { name, description = null, permissions } = role;
    try {
      await tables.role.create({ data: { name, description, permissions: [...permissions] } });
    } catch (error) {
      if (violatedConstraint(error) !== 'roles_pkey') throw error;
      throw new RoleExists({ cause: error });
    }
  }

  async update(
    { tables }: TenantTransaction,
    name: string,
    { permissions, description }: RoleChanges,
  ): Promise<void> {
    await tables.role.updateMany({
      where: { name },
      data: {
        ...(description === undefined ? {} : { description }),
        ...(permissions ? { permissions: [...permissions] } : {}),
        revision: { increment: 1 },
        updatedAt: new Date(),
      },
    });
  }

  async delete({ tables }: TenantTransaction, name: string): Promise<void> {
    await tables.role.deleteMany({ where: { name } });
  }

  /** Whether a member, a grant or an issuer of the tenant names the role. */
  async isUsed({ query, tenantId }: TenantTransaction, name: string): Promise<boolean> {
    const [row] = await query<{ isUsed: boolean }>(IS_USED, [tenantId, name]);
    return row?.isUsed ?? false;
  }
}
