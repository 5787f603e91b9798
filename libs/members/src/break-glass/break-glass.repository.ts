import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { BreakGlass } from './break-glass.js';

@Injectable()
export class BreakGlassRepository {
  constructor(private readonly database: Database) {}

  async insert({ tables }: TenantTransaction, window: BreakGlass): Promise<void> {
    await tables.breakGlass.create({ data: { ...window } });
  }

  async find(
    { tables }: Pick<TenantTransaction, 'tables'>,
    id: string,
  ): Promise<BreakGlass | null> {
    return tables.breakGlass.findFirst({ where: { id } });
  }

  async get(scope: TenantScope, id: string): Promise<BreakGlass | null> {
    return this.database.read(scope, (tables) => this.find({ tables }, id));
  }

  /** Newest first. */
  async list(
    scope: TenantScope,
    { before, limit }: { readonly before: string | null; readonly limit: number },
  ): Promise<BreakGlass[]> {
    return this.database.read(scope, ({ breakGlass }) =>
      breakGlass.findMany({
        where: before === null ? {} : { id: { lt: before } },
        orderBy: { id: 'desc' },
        take: limit,
      }),
    );
  }

  async close({ tables }: TenantTransaction, id: string, at: Date): Promise<void> {
    await tables.breakGlass.updateMany({ where: { id, closedAt: null }, data: { closedAt: at } });
  }
}
