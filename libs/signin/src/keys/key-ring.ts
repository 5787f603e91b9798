import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';

import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose';

import { TrustedCache } from '@tenantry/access';
import { Sealer } from '@tenantry/crypto';
import { ChangeFeed, Database, type PlatformTransaction } from '@tenantry/database';
import { Clock } from '@tenantry/kernel';
import {
  nextKeyDue,
  PUBLISHED_AFTER_MS,
  SIGNING_ALGORITHM,
  type SigningKey,
  signingKeyAt,
  SIGNS_FOR_MS,
} from './signing-key.js';

const REASON = 'signing-keys';
const CACHED_FOR_MS = 60_000;
const LOOK_EVERY_MS = 3_600_000;
const LOCK = '7236841, 3';

interface KeyRow {
  readonly kid: string;
  readonly public_jwk: JsonWebKey;
  readonly sealed_private: Uint8Array;
  readonly signs_from: Date;
  readonly signs_until: Date;
  readonly published_till: Date;
}

interface HeldKey extends SigningKey {
  readonly privateKey: KeyObject;
}

/** A signing key is missing although it was just made. */
class KeyRingEmpty extends Error {
  override readonly name = 'KeyRingEmpty';
}

/**
 * The keys of the built-in issuer: in the database, sealed with the master key, and rotating by
 * themselves. Each is published a day before it signs, and stays until its tokens have expired.
 */
@Injectable()
export class KeyRing implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger(KeyRing.name);
  readonly #held: TrustedCache<readonly HeldKey[]>;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly clock: Clock,
    feed: ChangeFeed,
  ) {
    this.#held = new TrustedCache(feed, clock, 1);
  }

  async onModuleInit(): Promise<void> {
    // With another master key nothing could be signed: better to find out before serving, and
    // before adding a key that the other nodes cannot open.
    await this.#read();
    await this.rotateIfDue();
    this.#timer = setInterval(() => {
      this.rotateIfDue().catch((error: unknown) => {
        this.#logger.error({ err: error }, 'The signing keys could not be rotated.');
      });
    }, LOOK_EVERY_MS);
    this.#timer.unref();
  }

  onModuleDestroy(): void {
    clearInterval(this.#timer);
  }

  /** Every key whose tokens may still be around, and the next one. */
  async published(): Promise<readonly SigningKey[]> {
    const now = this.clock.now();
    return (await this.#keys()).filter(({ publishedTill }) => publishedTill > now);
  }

  /** The key to sign with now. */
  async current(): Promise<SigningKey & { readonly privateKey: KeyObject }> {
    const now = this.clock.now();
    const current = signingKeyAt(await this.#keys(), now);
    if (current) return current;
    // The timer of every node slept through it: it is made up for here.
    await this.rotateIfDue();
    const made = signingKeyAt(await this.#read(), now);
    if (!made) throw new KeyRingEmpty();
    return made;
  }

  /** Makes the next key when its turn is near. Nodes that come together make one. */
  async rotateIfDue(): Promise<void> {
    await this.database.acrossTenants(REASON, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${LOCK})::text`);
      const now = this.clock.now();
      const rows = await tx.query<KeyRow>('select * from signing_keys');
      const due = nextKeyDue(rows.map(toKey), now);
      if (due) await this.#make(tx, due);
      await tx.query('delete from signing_keys where published_till < $1', [now]);
    });
  }

  async #make(tx: PlatformTransaction, signsFrom: Date): Promise<void> {
    const { privateKey, publicKey } = await generateKeyPair(SIGNING_ALGORITHM, {
      extractable: true,
    });
    const publicJwk = await exportJWK(publicKey);
    const kid = await calculateJwkThumbprint(publicJwk);
    const secret = Buffer.from(JSON.stringify(await exportJWK(privateKey)));
    const signsUntil = new Date(signsFrom.getTime() + SIGNS_FOR_MS);
    await tx.tables.signingKey.create({
      data: {
        kid,
        algorithm: SIGNING_ALGORITHM,
        publicJwk: { ...publicJwk, kid, alg: SIGNING_ALGORITHM, use: 'sig' },
        sealedPrivate: new Uint8Array(this.sealer.seal(secret, contextOf(kid))),
        signsFrom,
        signsUntil,
        publishedTill: new Date(signsUntil.getTime() + PUBLISHED_AFTER_MS),
      },
    });
    tx.announce({ kind: 'signing_key', id: kid, tenantId: null });
  }

  async #keys(): Promise<readonly HeldKey[]> {
    const keys = await this.#held.getOrLoad('keys', async () => ({
      value: await this.#read(),
      tags: ['signing_keys'],
      ttlMs: CACHED_FOR_MS,
    }));
    return keys ?? [];
  }

  async #read(): Promise<readonly HeldKey[]> {
    const rows = await this.database.queryAcrossTenants<KeyRow>(
      REASON,
      'select * from signing_keys where published_till > $1 order by signs_from',
      [this.clock.now()],
    );
    return rows.map((row) => ({ ...toKey(row), privateKey: this.#open(row) }));
  }

  #open({ kid, sealed_private: sealed }: KeyRow): KeyObject {
    const jwk = this.sealer.open(sealed, contextOf(kid)).toString();
    return createPrivateKey({ key: JSON.parse(jwk) as JsonWebKey, format: 'jwk' });
  }
}

function contextOf(kid: string): string {
  return `signing-key:${kid}`;
}

function toKey(row: KeyRow): SigningKey {
  return {
    kid: row.kid,
    publicJwk: { ...row.public_jwk },
    publicKey: createPublicKey({ key: row.public_jwk, format: 'jwk' }),
    signsFrom: row.signs_from,
    signsUntil: row.signs_until,
    publishedTill: row.published_till,
  };
}
