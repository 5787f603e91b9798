import { Injectable } from '@nestjs/common';

import { Attestation, TenantDirectory } from '@tenantry/access';
import { AuditTrail, type Doer, TENANTRY } from '@tenantry/audit';
import { Database, type TenantTransaction } from '@tenantry/database';
import { Clock, newId, type TenantScope } from '@tenantry/kernel';
import { DataKeys } from '../keys/data-keys.js';
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
    return this.database.within(scope, async (tx) => {
      const at = this.clock.now();
      const keys = await this.#destroyed(tx, at);
      const by = doer === TENANTRY ? 'tenantry' : doer.actor.id;
      const valuesDestroyed = await this.records.countValues(tx, keys.map(idOf));
      const about = { id: newId(), tenant, at, by, reason };
      const shred = { ...about, keys, valuesDestroyed };
      const certificate = await this.#certify(tx, shred);
      this.#tell(tx, doer, shred);
      return certificate;
    });
  }

  async #destroyed(tx: TenantTransaction, at: Date): Promise<ShreddedKey[]> {
    const found = await this.records.lockKeys(tx);
    if (found.length === 0) throw new NothingToShred();
    const keys: ShreddedKey[] = [];
    for (const key of found) keys.push({ key, openedBefore: await this.#opens(tx.tenantId, key) });
    await this.records.destroyKeys(tx, keys.map(idOf), at);
    for (const left of await this.records.readKeys(tx, keys.map(idOf))) {
      if (left.wrapped || (await this.#opens(tx.tenantId, left))) throw new KeySurvived(left.id);
    }
    return keys;
  }

  /** Whether what is stored of a key opens the canary that was sealed under it. */
  async #opens(tenantId: string, { id, kekId, wrapped, canary }: ShreddableKey): Promise<boolean> {
    if (!wrapped) return false;
    const context = canaryContextOf(tenantId, id);
    try {
      await this.keys.using(tenantId, { id, kekId, wrapped }, (key) => {
        key.open(canary, context).fill(0);
      });
      return true;
    } catch (error) {
      if (error instanceof VaultSealed || error instanceof SecretBroken) return false;
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
