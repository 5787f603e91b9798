import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import type { Invitation } from './invitation.js';
import { InvitationsRepository } from './invitations.repository.js';

const LIST = 'invitations';

/** Shows whom a tenant has invited. */
@Injectable()
export class InvitationReading {
  constructor(
    private readonly invitations: InvitationsRepository,
    private readonly cursors: CursorCodec,
  ) {}

  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Invitation>> {
    const { tenantId } = scope;
    const after = cursor ? String(this.cursors.decode(LIST, tenantId, cursor)[0]) : null;
    const rows = await this.invitations.list(scope, after, limit + 1);
    return pageOf(
      rows,
      limit,
      (row) => row,
      ({ id }) => this.cursors.encode(LIST, tenantId, [id]),
    );
  }
}
