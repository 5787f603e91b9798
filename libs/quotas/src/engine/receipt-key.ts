import { createHash } from 'node:crypto';

import type { OnceKey } from './quota-engine.js';

/** What a receipt is kept under: nothing that a caller chose stands there in clear. */
export function receiptKeyOf({ actor, key }: OnceKey): Buffer {
  return createHash('sha256').update(`${actor}\0${key}`).digest();
}
