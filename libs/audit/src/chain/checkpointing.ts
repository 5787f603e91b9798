import { Injectable } from '@nestjs/common';

import { Clock } from '@tenantry/kernel';
import { type CheckpointStatement, NO_HASH, sha256, textOfStatement } from '@tenantry/verify-audit';
import { AuditRepository } from '../audit.repository.js';
import { type Trail, Trails } from '../trails.js';
import { AuditKeys } from './audit-keys.js';
import { ChainBroken } from './chain.errors.js';
import { checkpointOf } from './checkpoint.js';
import {
  CheckpointsRepository,
  type Head,
  type SignedCheckpoint,
} from './checkpoints.repository.js';
import { sealOf } from './segment.js';

const REASON = 'audit-checkpoints';
/** So many records at most are signed by one checkpoint. */
export const SEGMENT_MAX = 1_000;

/** The hashes that the next segment follows. */
interface Start {
  /** Of the last record that is signed. */
  readonly headHash: string;
  /** Of the last checkpoint. */
  readonly previous: string;
}

/**
 * Signs how far trails have come. What is signed was looked at first: a record that was altered
 * before its checkpoint stays unsigned, and the log says so, rather than being vouched for.
 */
@Injectable()
export class Checkpointing {
  constructor(
    private readonly checkpoints: CheckpointsRepository,
    private readonly records: AuditRepository,
    private readonly keys: AuditKeys,
    private readonly trails: Trails,
    private readonly clock: Clock,
  ) {}

  /** Signs everything that stands on a trail by now. Throws `ChainBroken`. */
  async sign(trailId: string): Promise<void> {
    const trail = this.trails.ofAny(trailId, REASON);
    const wanted = (await this.checkpoints.head(trail))?.sequence ?? 0;
    for (let signed = -1; ;) {
      const head = await this.checkpoints.head(trail);
      // Another node may have signed; but whoever gets no further stops.
      if (!head || head.checkpointed >= wanted || head.checkpointed === signed) return;
      signed = head.checkpointed;
      await this.checkpoints.save(await this.#make(trail, head));
    }
  }

  async #make(trail: Trail, head: Head): Promise<SignedCheckpoint> {
    const start = await this.#startOf(trail, head);
    const rows = await this.records.oldest(
      trail,
      {},
      { beyond: head.checkpointed, limit: SEGMENT_MAX },
    );
    const last = rows.at(-1);
    if (!last) throw new ChainBroken(trail.id, head.checkpointed + 1);
    const { sequence: to, at: endedAt } = last;
    const from = head.checkpointed + 1;
    const seal = sealOf({ trail: trail.id, from, previousHash: start.headHash }, rows);
    const key = await this.keys.current();
    const statement: CheckpointStatement = {
      ...{ v: 1, kind: 'checkpoint', trail: trail.id, number: head.checkpoints + 1 },
      ...{ from, to: Number(to), at: this.clock.now().toISOString(), ...seal },
      ...{ previous: start.previous, keyId: key.kid },
    };
    const text = textOfStatement(statement);
    return {
      ...{ trail: trail.id, number: statement.number, from, to: statement.to, endedAt },
      ...{ statement: text, hash: sha256(text), signature: key.sign(text) },
      publicKey: key.publicKey,
    };
  }

  async #startOf(trail: Trail, head: Head): Promise<Start> {
    if (head.checkpoints === 0) return { headHash: NO_HASH, previous: NO_HASH };
    const [last] = await this.checkpoints.after(trail, head.checkpoints - 1, 1);
    if (!last) throw new ChainBroken(trail.id, head.checkpointed);
    const { headHash, hash } = checkpointOf(last);
    return { headHash, previous: hash };
  }
}
