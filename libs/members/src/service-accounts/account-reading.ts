import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
import { isUuid } from '@tenantry/kernel';
import type { ServiceAccount } from './service-account.js';
import { ServiceAccountNotFound } from './service-accounts.errors.js';
import { ServiceAccountsRepository } from './service-accounts.repository.js';

const LIST = 'service_accounts';

/** Shows the service accounts of a tenant, never their secrets. */
@Injectable()
export class AccountReading {
  constructor(
    private readonly accounts: ServiceAccountsRepository,
    private readonly cursors: CursorCodec,
  ) {}

  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ServiceAccount>> {
    const wanted = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) =>
      this.accounts.list(scope, stretch.after, stretch.limit),
    );
  }

  /** Throws `ServiceAccountNotFound`. */
  async get({ scope }: Pick<Caller, 'scope'>, id: string): Promise<ServiceAccount> {
    const account = isUuid(id) ? await this.accounts.get(scope, id) : null;
    if (!account) throw new ServiceAccountNotFound();
    return account;
  }
}
