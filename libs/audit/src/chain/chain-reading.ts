import { Injectable } from '@nestjs/common';

import { CursorCodec, type Page, pageOf } from '@tenantry/http';
import type { Checkpoint, PublicKey } from '@tenantry/verify-audit';
import type { Trail } from '../trails.js';
import { AuditKeys } from './audit-keys.js';
import { checkpointOf } from './checkpoint.js';
import { CheckpointsRepository } from './checkpoints.repository.js';

const LIST = 'audit-checkpoints';

/** Shows what was signed, and with which keys. */
@Injectable()
export class ChainReading {
  constructor(
    private readonly records: CheckpointsRepository,
    private readonly auditKeys: AuditKeys,
    private readonly cursors: CursorCodec,
  ) {}

  /** The newest first. */
  async checkpoints(
    trail: Trail,
    { limit, cursor }: { readonly limit: number; readonly cursor?: string },
  ): Promise<Page<Checkpoint>> {
    const before = cursor ? Number(this.cursors.decode(LIST, trail.id, cursor)[0]) : null;
    const rows = await this.records.newest(trail, before, limit + 1);
    return pageOf(rows, limit, checkpointOf, ({ number }) =>
      this.cursors.encode(LIST, trail.id, [Number(number)]),
    );
  }

  async keys(): Promise<readonly PublicKey[]> {
    return this.auditKeys.published();
  }
}
