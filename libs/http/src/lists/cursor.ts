import { createHmac, timingSafeEqual } from 'node:crypto';

import { CursorInvalid } from '../request.errors.js';
import { CURSOR_LENGTH_MAX } from './list-query.dto.js';

export type Position = readonly (string | number)[];

const KEY_BYTES = 32;
const MAC_BYTES = 16;

/**
 * Makes and reads the cursors of lists.
 *
 * A cursor is signed, not encrypted: a position may hold only what the page before it showed. It
 * opens nothing but the list and the scope (tenant and filters) that it was made for.
 */
export class CursorCodec {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    if (key.length !== KEY_BYTES) throw new Error(`A cursor key is ${KEY_BYTES} bytes.`);
    this.#key = key;
  }

  encode(listName: string, scope: string, position: Position): string {
    const json = JSON.stringify(position);
    const cursor = Buffer.concat([this.#mac(listName, scope, json), Buffer.from(json)]);
    const text = cursor.toString('base64url');
    // Better no page than a cursor that the next request must refuse.
    if (text.length > CURSOR_LENGTH_MAX) throw new Error(`A position of ${listName} is too long.`);
    return text;
  }

  /** Throws `CursorInvalid` for whatever this list and scope did not hand out. */
  decode(listName: string, scope: string, cursor: string): Position {
    const bytes = Buffer.from(cursor, 'base64url');
    // Node skips what is not base64url: one cursor would have many spellings.
    if (bytes.length <= MAC_BYTES || bytes.toString('base64url') !== cursor) {
      throw new CursorInvalid();
    }
    const json = bytes.subarray(MAC_BYTES).toString();
    const mac = this.#mac(listName, scope, json);
    if (!timingSafeEqual(mac, bytes.subarray(0, MAC_BYTES))) throw new CursorInvalid();
    return JSON.parse(json) as Position;
  }

  #mac(listName: string, scope: string, json: string): Buffer {
    // As one JSON array, so that no two triples are written alike.
    return createHmac('sha256', this.#key)
      .update(JSON.stringify(['tenantry.cursor.v1', listName, scope, json]))
      .digest()
      .subarray(0, MAC_BYTES);
  }
}
