import { Injectable } from '@nestjs/common';

import { isDoneWithin } from '@tenantry/kernel';
import { KekBook } from './kek-book.js';
import { KeyService, type VaultState } from './key-service.js';

/** Says whether values can be sealed and opened at present. */
@Injectable()
export class VaultHealth {
  constructor(
    private readonly book: KekBook,
    private readonly service: KeyService,
  ) {}

  /** Whoever does not answer within `limitMs` counts as out of reach. Never throws. */
  async state(limitMs: number): Promise<VaultState> {
    const looking = this.#look();
    const isInTime = await isDoneWithin(limitMs, looking).catch(() => false);
    return isInTime ? looking : 'sealed';
  }

  async #look(): Promise<VaultState> {
    return this.service.state(await this.book.findActive());
  }
}
