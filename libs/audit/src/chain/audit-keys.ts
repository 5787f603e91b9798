import {
  createPrivateKey,
  createPublicKey,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { exportJWK, generateKeyPair } from 'jose';

import { AppConfig } from '@tenantry/config';
import { SealBroken, Sealer } from '@tenantry/crypto';
import { Database, type PlatformTransaction } from '@tenantry/database';
import { type PublicKey, thumbprintOf } from '@tenantry/verify-audit';

const REASON = 'audit-keys';
/** Of `pg_advisory_xact_lock`: nodes that start together make one key. */
const LOCK = '7236841, 7';
const ALL = 'select kid, public_jwk, sealed_private from audit_keys order by created_at desc, kid';

interface KeyRow {
  readonly kid: string;
  readonly public_jwk: PublicKey;
  readonly sealed_private: Uint8Array;
}

/** What a statement is signed with. */
export interface AuditKey {
  readonly kid: string;
  readonly publicKey: PublicKey;
  /** Ed25519 (RFC 8032). */
  readonly sign: (text: string) => Buffer;
}

/**
 * The keys that sign checkpoints and tombstones: in the database, sealed with the master key. They
 * are no keys of tokens: what they sign must be verifiable for as long as a trail is kept.
 */
@Injectable()
export class AuditKeys {
  #current: Promise<AuditKey> | null = null;

  constructor(
    private readonly database: Database,
    private readonly sealer: Sealer,
    private readonly config: AppConfig,
  ) {}

  /** The key that signs, the newest that can be opened; made by whoever needs it first. */
  async current(): Promise<AuditKey> {
    this.#current ??= this.#find().catch((error: unknown) => {
      this.#current = null;
      throw error;
    });
    return this.#current;
  }

  /**
   * Every key whose signatures count, the newest first. That one stands in the database is not
   * enough: it opens under the master key, or its thumbprint is configured.
   */
  async published(): Promise<readonly PublicKey[]> {
    await this.current();
    const rows = await this.database.queryAcrossTenants<KeyRow>(REASON, ALL);
    return rows.flatMap((row) => {
      const key = this.#open(row)?.publicKey ?? this.#trusted(row);
      return key ? [key] : [];
    });
  }

  async #find(): Promise<AuditKey> {
    return this.database.acrossTenants(REASON, async (tx) => {
      await tx.query(`select pg_advisory_xact_lock(${LOCK})::text`);
      const rows = await tx.query<KeyRow>(ALL);
      for (const row of rows) {
        const key = this.#open(row);
        if (key) return key;
      }
      return this.#make(tx);
    });
  }

  async #make(tx: PlatformTransaction): Promise<AuditKey> {
    const { privateKey, publicKey } = await generateKeyPair('EdDSA', { extractable: true });
    const { x = '' } = await exportJWK(publicKey);
    const kid = thumbprintOf({ kty: 'OKP', crv: 'Ed25519', x });
    const jwk = { kty: 'OKP', crv: 'Ed25519', x, kid } as const;
    const secret = Buffer.from(JSON.stringify(await exportJWK(privateKey)));
    const sealed = this.sealer.seal(secret, contextOf(kid));
    await tx.query(
      'insert into audit_keys (kid, public_jwk, sealed_private) values ($1, $2::jsonb, $3)',
      [kid, JSON.stringify(jwk), sealed],
    );
    const made = this.#open({ kid, public_jwk: jwk, sealed_private: sealed });
    if (!made) throw new SealBroken();
    return made;
  }

  /** Null where it was sealed with a master key that is lost: it verifies still, and signs no more. */
  #open(row: KeyRow): AuditKey | null {
    const jwk = this.#privateOf(row);
    if (jwk === null) return null;
    const key: KeyObject = createPrivateKey({ key: JSON.parse(jwk) as JsonWebKey, format: 'jwk' });
    // Of the private half: the public one beside it may be anybody's.
    const { x = '' } = createPublicKey(key).export({ format: 'jwk' });
    const publicKey = { kty: 'OKP', crv: 'Ed25519', x } as const;
    const kid = thumbprintOf(publicKey);
    return {
      kid,
      publicKey: { ...publicKey, kid },
      sign: (text) => sign(null, Buffer.from(text), key),
    };
  }

  /** A key that was sealed with a master key that is lost, and whose signatures count still. */
  #trusted({ public_jwk: { kty, crv, x } }: KeyRow): PublicKey | null {
    const kid = thumbprintOf({ kty, crv, x });
    return this.config.audit.trustedKeys.includes(kid) ? { kty, crv, x, kid } : null;
  }

  #privateOf({ kid, sealed_private: sealed }: KeyRow): string | null {
    try {
      return this.sealer.open(sealed, contextOf(kid)).toString();
    } catch (error) {
      if (error instanceof SealBroken) return null;
      throw error;
    }
  }
}

function contextOf(kid: string): string {
  return `audit-key:${kid}`;
}
