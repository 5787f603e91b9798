import { Injectable } from '@nestjs/common';

import { isDoneWithin, type TenantScope } from '@tenantry/kernel';
import { Validator } from './validator.js';

const WAIT_MS = 10_000;

/** Has a configuration that nobody has looked at yet checked. */
@Injectable()
export class FirstVerdict {
  constructor(private readonly validator: Validator) {}

  /** Waits where that is wanted; what the verdict says is never this call's error. */
  async of(scope: TenantScope, id: string, isAwaited: boolean): Promise<void> {
    // A check under way may be looking at what was configured before.
    const check = this.validator.recheck(scope, id);
    if (isAwaited) await isDoneWithin(WAIT_MS, check);
  }
}
