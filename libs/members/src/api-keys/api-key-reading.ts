import { Injectable } from '@nestjs/common';

import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import { AccountReading } from '../service-accounts/account-reading.js';
import type { ApiKey } from './api-key.js';
import { ApiKeysRepository } from './api-keys.repository.js';
import type { OfAccount } from './api-keys.service.js';

const LIST = 'api_keys';

/** Shows which keys an account has. */
@Injectable()
export class ApiKeyReading {
  constructor(
    private readonly accounts: AccountReading,
    private readonly keys: ApiKeysRepository,
    private readonly cursors: CursorCodec,
  ) {}

  async list(
    { caller, accountId }: OfAccount,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ApiKey>> {
    const { id } = await this.accounts.get(caller, accountId);
    const { scope } = caller;
    const within = `${scope.tenantId}/${id}`;
    const after = cursor ? String(this.cursors.decode(LIST, within, cursor)[0]) : null;
    const rows = await this.keys.list(scope, id, { after, limit: limit + 1 });
    return pageOf(
      rows,
      limit,
      (row) => row,
      (row) => this.cursors.encode(LIST, within, [row.id]),
    );
  }
}
