import { Injectable } from '@nestjs/common';

import type { Caller } from '@tenantry/access';
import { CursorCodec, type Page, pageById } from '@tenantry/http';
import { type ShredCertificate, ShreddingRepository } from './shredding.repository.js';

const LIST = 'shred-certificates';

/** Shows what was certified of a tenant's vault. */
@Injectable()
export class ShredCertificates {
  constructor(
    private readonly records: ShreddingRepository,
    private readonly cursors: CursorCodec,
  ) {}

  /** The newest first. */
  async list(
    { scope }: Caller,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<ShredCertificate>> {
    const wanted = { list: LIST, scope: scope.tenantId, limit, cursor };
    return pageById(this.cursors, wanted, (stretch) =>
      this.records.certificates(scope, stretch.after, stretch.limit),
    );
  }
}
