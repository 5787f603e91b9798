import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
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
    const wanted = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) =>
      this.invitations.list(scope, stretch.after, stretch.limit),
    );
  }
}
