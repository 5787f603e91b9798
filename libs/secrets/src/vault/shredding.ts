import { Injectable } from '@nestjs/common';

import { Attestation, TenantDirectory } from '@tenantry/access';
import { AuditTrail, type Doer, TENANTRY } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock, newId, type TenantScope } from '@tenantry/kernel';
import { DataKeyEnded, DataKeys } from '../keys/data-keys.js';
import { canaryContextOf } from '../sealing-context.js';
import { SecretBroken, VaultSealed } from '../secrets.errors.js';
import { claimsOf, SHRED_CERTIFICATE, type Shred, type ShreddedKey } from './shred-certificate.js';
import {
  type ShreddableKey,
  type ShredCertificate,
  ShreddingRepository,
} from './shredding.repository.js';
import { NothingToShred } from './vault.errors.js';

/** A key that should be gone is not: nothing is destroyed, and nothing certified. */
class KeySurvived extends Error {
  override readonly name = 'KeySurvived';
}

/** A key may take over while another is being destroyed; not again and again. */
const ATTEMPTS_MAX = 5;

/** What is shredded, by whom, and which keys were known when it began. */
interface Shredded {
  readonly tenant: { readonly id: string; readonly slug: string };
  readonly doer: Doer;
  readonly reason: string | null;
  readonly known: ReadonlySet<string>;
}

/** Destroys every value of a tenant at once, by its keys, and certifies it. */
@Injectable()
export class Shredding {
  constructor(
    private readonly database: Database,
    private readonly records: ShreddingRepository,
    private readonly keys: DataKeys,
    // More than the usual four: what is destroyed is proved, attested and on record.
    private readonly tenants: TenantDirectory,
    private readonly attestation: Attestation,
    private readonly audit: AuditTrail,
    private readonly clock: Clock,
  ) {}

  /**
   * All of it, or nothing: no key is destroyed without its certificate. Throws `NothingToShred`.
   * A key service that is out of reach does not stand in the way.
   */
  async shred(
    scope: TenantScope,
    doer: Doer,
    reason: string | null = null,
  ): Promise<ShredCertificate> {
    const tenant = await this.tenants.find(scope.tenantId);
    if (!tenant) throw new Error('A vault is shredded whose tenant there is not.');
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
      const known = await this.#warm(scope);
      const certificate = await this.#shredAll(scope, { tenant, doer, reason, known });
      if (certificate) return certificate;
    }
    throw new Error('A vault could not be shredded: its keys were replaced each time.');
  }

  /** Null where a key has come that was not known before: nothing is destroyed then. */
  async #shredAll(
    scope: TenantScope,
    { tenant, doer, reason, known }: Shredded,
  ): Promise<ShredCertificate | null> {
    return this.database.within(scope, async (tx) => {
      const at = this.clock.now();
      const keys = await this.#destroyed(tx, at, known);
      if (!keys) return null;
      const by = doer === TENANTRY ? 'tenantry' : doer.actor.id;
      const valuesDestroyed = await this.records.countValues(tx, keys.map(idOf));
      const about = { id: newId(), tenant, at, by, reason };
      const shred = { ...about, keys, valuesDestroyed };
      const certificate = await this.#certify(tx, shred);
      this.#tell(tx, doer, shred);
      return certificate;
    });
  }

  async #destroyed(
    tx: TenantTransaction,
    at: Date,
    known: ReadonlySet<string>,
  ): Promise<ShreddedKey[] | null> {
    const found = await this.records.lockKeys(tx);
    if (found.length === 0) throw new NothingToShred();
    if (found.some(({ id }) => !known.has(id))) return null;
    const keys: ShreddedKey[] = [];
    for (const key of found) keys.push({ key, openedBefore: this.#opens(tx.tenantId, key) });
    await this.records.destroyKeys(tx, keys.map(idOf), at);
    for (const left of await this.records.readKeys(tx, keys.map(idOf))) {
      if (left.wrapped) throw new KeySurvived(left.id);
    }
    return keys;
  }

  /**
   * Has the keys at hand before anything is locked: the key service may take its time, and does not
   * stand in the way. Answers which keys there are.
   */
  async #warm(scope: TenantScope): Promise<ReadonlySet<string>> {
    const keys = await this.records.keys(scope);
    for (const { id, kekId, wrapped } of keys) {
      if (!wrapped) continue;
      await this.keys.warm(scope.tenantId, { id, kekId, wrapped }).catch((error: unknown) => {
        const isNoHindrance =
          error instanceof VaultSealed ||
          error instanceof SecretBroken ||
          error instanceof DataKeyEnded;
        if (!isNoHindrance) throw error;
      });
    }
    return new Set(keys.map(({ id }) => id));
  }

  /** Whether the key, as it was unwrapped, opens the canary that was sealed under it. */
  #opens(tenantId: string, { id, canary }: ShreddableKey): boolean {
    const context = canaryContextOf(tenantId, id);
    try {
      return this.keys.usingHeld(tenantId, id, (key) => key.open(canary, context).fill(0)) !== null;
    } catch (error) {
      if (error instanceof SecretBroken) return false;
      throw error;
    }
  }

  async #certify(tx: TenantTransaction, shred: Shred): Promise<ShredCertificate> {
    const certificate = await this.attestation.sign(SHRED_CERTIFICATE, claimsOf(shred));
    const kept = { id: shred.id, issuedAt: shred.at, certificate };
    await this.records.keep(tx, kept);
    return kept;
  }

  #tell(tx: TenantTransaction, doer: Doer, { id, keys, valuesDestroyed, reason }: Shred): void {
    const { tenantId } = tx;
    for (const { key } of keys) tx.announce({ kind: 'data_key', id: key.id, tenantId });
    this.audit.record(tx, doer, {
      deed: 'vault.shredded',
      target: { kind: 'vault', id: tenantId },
      changes: {
        keyIds: { before: keys.map(idOf), after: [] },
        certificateId: { after: id },
        valuesDestroyed: { after: valuesDestroyed },
      },
      ...(reason === null ? {} : { reason }),
    });
  }
}

function idOf({ key }: ShreddedKey): string {
  return key.id;
}
