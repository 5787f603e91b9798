import { Injectable } from '@nestjs/common';

import { Database, type TenantTransaction } from '@tenantry/database';
import type { TenantScope } from '@tenantry/kernel';
import type { ApiKey, NewApiKey } from './api-key.js';
import type { MintedKey } from './key-digests.js';

const SHOWN = {
  id: true,
  name: true,
  hint: true,
  expiresAt: true,
  lastUsedAt: true,
  lastUsedIp: true,
  createdAt: true,
} as const;

@Injectable()
export class ApiKeysRepository {
  constructor(private readonly database: Database) {}

  async list(
    scope: TenantScope,
    memberId: string,
    { after, limit }: { readonly after: string | null; readonly limit: number },
  ): Promise<ApiKey[]> {
    return this.database.read(scope, ({ apiKey }) =>
      apiKey.findMany({
        where: { memberId, ...(after === null ? {} : { id: { gt: after } }) },
        select: SHOWN,
        orderBy: { id: 'asc' },
        take: limit,
      }),
    );
  }

  async find({ tables }: TenantTransaction, memberId: string, id: string): Promise<ApiKey | null> {
    return tables.apiKey.findFirst({ where: { id, memberId }, select: SHOWN });
  }

  async count({ tables }: TenantTransaction, memberId: string): Promise<number> {
    return tables.apiKey.count({ where: { memberId } });
  }

  async insert(
    { tables }: TenantTransaction,
    { id, memberId }: { readonly id: string; readonly memberId: string },
    { name, expiresAt }: NewApiKey,
    { digest, hint }: MintedKey,
  ): Promise<void> {
    await tables.apiKey.create({ data: { id, memberId, name, digest, hint, expiresAt } });
  }

  async delete({ tables }: TenantTransaction, id: string): Promise<void> {
    await tables.apiKey.deleteMany({ where: { id } });
  }
}
