import { randomBytes } from 'node:crypto';

import type { MasterKey } from '../master-key.js';
import { keyIdBytes, SealBroken, SealingKey } from '../sealing-key.js';
import {
  DATA_KEY_BYTES,
  KekProvider,
  type KeyEncryptionKey,
  refuseUnlessDataKey,
  takeDataKey,
  type WrapContext,
} from './kek-provider.js';
import { KeyServiceRefused } from './kek.errors.js';

/** Key-encryption keys that are stored sealed under the master key: whoever has both has everything. */
export class LocalKek extends KekProvider {
  readonly name = 'local';
  readonly #root: SealingKey;

  constructor(masterKey: MasterKey) {
    super();
    const key = masterKey.derive('vault');
    this.#root = new SealingKey(key, masterKey.id);
    key.fill(0);
  }

  create(id: string): Promise<KeyEncryptionKey> {
    return promised(() => {
      // Refused here already: nothing could ever be wrapped with it.
      keyIdBytes(id);
      const key = randomBytes(DATA_KEY_BYTES);
      const material = this.#root.seal(key, contextOfKek(id));
      key.fill(0);
      return { id, provider: this.name, keyName: null, material };
    });
  }

  wrap(kek: KeyEncryptionKey, key: Uint8Array, context: WrapContext): Promise<Buffer> {
    return promised(() => {
      refuseUnlessDataKey(key);
      return this.#using(kek, (opened) => opened.seal(key, contextOfWrapped(context)));
    });
  }

  unwrap(kek: KeyEncryptionKey, wrapped: Uint8Array, context: WrapContext): Promise<Buffer> {
    return promised(() =>
      this.#using(kek, (opened) => takeDataKey(opened.open(wrapped, contextOfWrapped(context)))),
    );
  }

  /** There is no service that could be away, but the master key can be another than it was. */
  probe(kek: KeyEncryptionKey | null): Promise<void> {
    return promised(() => {
      try {
        if (kek) this.#using(kek, () => undefined);
      } catch (error) {
        if (!(error instanceof SealBroken)) throw error;
        throw new KeyServiceRefused('The master key does not open this key-encryption key.');
      }
    });
  }

  /** Opens a key-encryption key for one use, and destroys it whatever happens. */
  #using<Result>(kek: KeyEncryptionKey, use: (opened: SealingKey) => Result): Result {
    if (kek.provider !== this.name || !kek.material) throw new SealBroken();
    const bytes = this.#root.open(kek.material, contextOfKek(kek.id));
    const opened = new SealingKey(bytes, keyIdBytes(kek.id));
    bytes.fill(0);
    try {
      return use(opened);
    } finally {
      opened.destroy();
    }
  }
}

function contextOfKek(id: string): string {
  return `kek:${id}`;
}

/** One text for one context, in whatever order its entries stand. */
function contextOfWrapped(context: WrapContext): string {
  const entries = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return `wrapped-key:${JSON.stringify(entries)}`;
}

/** What throws inside rejects. */
function promised<Result>(work: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(work());
  });
}
