import { Injectable } from '@nestjs/common';

import { CursorCodec, type Page, pageById } from '@tenantry/http';
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
    return pageById(this.cursors, { list: LIST, scope: within, limit, cursor }, (stretch) =>
      this.keys.list(scope, id, stretch),
    );
  }
}
