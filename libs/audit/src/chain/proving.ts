import { Injectable } from '@nestjs/common';

import { type Checkpoint, inclusionPath } from '@tenantry/verify-audit';
import { AuditService } from '../audit.service.js';
import { type AuditEvent, eventOf } from '../event.js';
import type { Trail } from '../trails.js';
import { ChainBroken, NothingSignedHere } from './chain.errors.js';
import { checkpointOf, type CheckpointRow } from './checkpoint.js';
import { Checkpointing } from './checkpointing.js';
import { CheckpointsRepository } from './checkpoints.repository.js';

const LEAVES = `
  select hash from audit_records
  where tenant_id = $1 and sequence between $2 and $3 order by sequence`;

/** What proves one event without the others (RFC 9162 §2.1.3). */
export interface Proof {
  readonly event: AuditEvent;
  readonly checkpoint: Checkpoint;
  /** The place of the event in the segment of the checkpoint, from 0. */
  readonly leafIndex: number;
  readonly treeSize: number;
  /** In hex, from the leaf to the root. */
  readonly path: readonly string[];
}

/** Proves single events, and signs a trail when somebody asks. */
@Injectable()
export class Proving {
  constructor(
    private readonly audit: AuditService,
    private readonly checkpoints: CheckpointsRepository,
    private readonly checkpointing: Checkpointing,
  ) {}

  /** Throws `AuditEventNotFound`, or `NothingSignedHere` where the trail is broken. */
  async proofOf(trail: Trail, id: string): Promise<Proof> {
    const event = eventOf(await this.audit.get(trail, id));
    const covering =
      (await this.checkpoints.covering(trail, event.sequence)) ??
      (await this.#signUpTo(trail, event.sequence));
    const checkpoint = checkpointOf(covering);
    const rows = await trail.query<{ readonly hash: Uint8Array }>(LEAVES, [
      checkpoint.from,
      checkpoint.to,
    ]);
    const leafIndex = event.sequence - checkpoint.from;
    const treeSize = checkpoint.to - checkpoint.from + 1;
    if (rows.length !== treeSize) throw new NothingSignedHere();
    const leaves = rows.map(({ hash }) => Buffer.from(hash));
    const path = inclusionPath(leaves, leafIndex).map((node) => node.toString('hex'));
    return { event, checkpoint, leafIndex, treeSize, path };
  }

  /** The checkpoint that signs all of the trail; null where there is nothing to sign. */
  async signNow(trail: Trail): Promise<CheckpointRow | null> {
    await this.#sign(trail);
    const [last] = await this.checkpoints.newest(trail, null, 1);
    return last ?? null;
  }

  async #signUpTo(trail: Trail, sequence: number): Promise<CheckpointRow> {
    await this.#sign(trail);
    const covering = await this.checkpoints.covering(trail, sequence);
    if (!covering) throw new NothingSignedHere();
    return covering;
  }

  async #sign(trail: Trail): Promise<void> {
    try {
      await this.checkpointing.sign(trail.id);
    } catch (error) {
      if (error instanceof ChainBroken) throw new NothingSignedHere({ cause: error });
      throw error;
    }
  }
}
