import { Injectable } from '@nestjs/common';

import { isStorable } from '@tenantry/kernel';
import type { Trail } from '../trails.js';
import { DecisionNotFound } from './decisions.errors.js';
import type { Receipt } from './receipt.js';
import { ReceiptWriter } from './receipt-writer.js';
import { ReceiptsRepository } from './receipts.repository.js';

const RECEIPTS_MAX = 100;

/** Reads what was decided about a request. */
@Injectable()
export class DecisionsService {
  constructor(
    private readonly receipts: ReceiptsRepository,
    private readonly writer: ReceiptWriter,
  ) {}

  /**
   * The newest receipts of a request, of which there may be several: its client may have chosen the
   * id. Throws `DecisionNotFound`.
   */
  async find(
    trail: Trail,
    requestId: string,
  ): Promise<{ readonly newest: Receipt; readonly others: readonly Receipt[] }> {
    if (!isStorable(requestId)) throw new DecisionNotFound();
    // Whoever was just refused here may ask at once.
    await this.writer.flush();
    const [newest, ...others] = await this.receipts.find(trail, requestId, RECEIPTS_MAX);
    if (!newest) throw new DecisionNotFound();
    return { newest, others };
  }
}
