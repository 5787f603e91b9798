import { Injectable, Logger } from '@nestjs/common';
import { LRUCache } from 'lru-cache';

import {
  type KekProvider,
  type KekProviderName,
  type KeyEncryptionKey,
  KeyServiceRefused,
  KeyServiceUnreachable,
  type WrapContext,
} from '@tenantry/crypto';
import { Clock } from '@tenantry/kernel';
import { VaultSealed } from '../secrets.errors.js';

/** After a failure nobody asks for so long: a service that is down is not helped by a crowd. */
const REST_MS = 1_000;
const RETRY_AFTER_SECONDS = 5;
/** What is known of a service is not older than that. */
const KNOWN_FOR_MS = 5_000;
const KEYS_MAX = 100;

/** Whether values can be sealed and opened at present. */
export type VaultState = 'open' | 'sealed';

/** The key services that this installation knows, and the one that makes new keys. */
export class KekProviders {
  readonly #byName: ReadonlyMap<KekProviderName, KekProvider>;

  constructor(
    providers: readonly KekProvider[],
    readonly preferred: KekProvider,
  ) {
    this.#byName = new Map(providers.map((provider) => [provider.name, provider]));
  }

  get(name: KekProviderName): KekProvider {
    const provider = this.#byName.get(name);
    if (!provider) throw new KeyServiceRefused(`There is no key service called ${name}.`);
    return provider;
  }
}

/** What was last heard of one key-encryption key. */
interface Hearing {
  readonly atMs: number;
  readonly failure: Error | null;
}

/**
 * Wraps and unwraps data keys by whichever service holds the key-encryption key, and knows whether
 * it can be reached: while it cannot, the vault is sealed and everything else works.
 */
@Injectable()
export class KeyService {
  readonly #logger = new Logger(KeyService.name);
  /** By what was asked, and of which key: who may not wrap may still unwrap. */
  readonly #heard = new LRUCache<string, Hearing>({ max: KEYS_MAX });
  readonly #probing = new Map<string, Promise<VaultState>>();
  #unwraps = 0;

  constructor(
    private readonly providers: KekProviders,
    private readonly clock: Clock,
  ) {}

  /** Which service new keys come from. */
  get preferred(): KekProviderName {
    return this.providers.preferred.name;
  }

  /** How often this process has had a data key unwrapped. */
  get unwraps(): number {
    return this.#unwraps;
  }

  /** A new key-encryption key, of the kind that the settings ask for. Throws `VaultSealed`. */
  async create(id: string): Promise<KeyEncryptionKey> {
    const { preferred } = this.providers;
    return this.#ask(`create/${preferred.name}`, () => preferred.create(id));
  }

  /** Throws `VaultSealed`. */
  async wrap(kek: KeyEncryptionKey, key: Uint8Array, context: WrapContext): Promise<Buffer> {
    const provider = this.providers.get(kek.provider);
    return this.#ask(`wrap/${kek.id}`, () => provider.wrap(kek, key, context));
  }

  /** Throws `VaultSealed`, or `SealBroken` where it is not what was wrapped. */
  async unwrap(kek: KeyEncryptionKey, wrapped: Uint8Array, context: WrapContext): Promise<Buffer> {
    this.#unwraps += 1;
    const provider = this.providers.get(kek.provider);
    return this.#ask(`unwrap/${kek.id}`, () => provider.unwrap(kek, wrapped, context));
  }

  /** Whether the service of this key answers; of none, the one that the first would come from. */
  async state(kek: KeyEncryptionKey | null): Promise<VaultState> {
    const id = kek?.id ?? this.preferred;
    const heard = ['unwrap', 'probe'].flatMap((what) => this.#heard.get(`${what}/${id}`) ?? []);
    const lately = heard.filter((hearing) => this.#sinceMs(hearing) < KNOWN_FOR_MS);
    if (lately.length > 0 && lately.every(({ failure }) => !failure)) return 'open';
    const probing = this.#probing.get(id) ?? this.#probe(id, kek);
    this.#probing.set(id, probing);
    return probing.finally(() => this.#probing.delete(id));
  }

  async #probe(id: string, kek: KeyEncryptionKey | null): Promise<VaultState> {
    const provider = kek ? this.providers.get(kek.provider) : this.providers.preferred;
    return this.#ask(`probe/${id}`, () => provider.probe(kek)).then(
      () => 'open',
      () => 'sealed',
    );
  }

  async #ask<Result>(id: string, work: () => Promise<Result>): Promise<Result> {
    const heard = this.#heard.get(id);
    if (heard?.failure && this.#sinceMs(heard) < REST_MS) throw sealed(heard.failure);
    try {
      const result = await work();
      this.#note(id, null);
      return result;
    } catch (error) {
      if (!(error instanceof KeyServiceUnreachable || error instanceof KeyServiceRefused)) {
        throw error;
      }
      this.#note(id, error);
      throw sealed(error);
    }
  }

  #note(id: string, failure: Error | null): void {
    const before = this.#heard.get(id)?.failure ?? null;
    if (failure && !before) this.#logger.error({ err: failure, key: id }, 'The vault is sealed.');
    if (!failure && before) this.#logger.log({ key: id }, 'The vault is open again.');
    this.#heard.set(id, { atMs: this.clock.monotonicMs(), failure });
  }

  #sinceMs({ atMs }: Hearing): number {
    return this.clock.monotonicMs() - atMs;
  }
}

/** Whether an error says no more than that the key service did not answer. */
export function isOutage(error: unknown): boolean {
  return error instanceof VaultSealed && error.cause instanceof KeyServiceUnreachable;
}

function sealed(cause: Error): VaultSealed {
  return new VaultSealed(RETRY_AFTER_SECONDS, { cause });
}
