import { Logger } from '@nestjs/common';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import {
  Attestation,
  type AttestedClaims,
  TenantDirectory,
  type TenantState,
} from '@tenantry/access';
import { AuditTrail, TENANTRY } from '@tenantry/audit';
import {
  type KeyEncryptionKey,
  KeyServiceUnreachable,
  LocalKek,
  MasterKey,
} from '@tenantry/crypto';
import { ChangeFeed } from '@tenantry/database';
import {
  aTenant,
  openTestDatabase,
  TestClock,
  type TestDatabase,
  type TestTenant,
} from '@tenantry/testing';
import { eventually } from '../../../../test/eventually.js';
import { DataKeys } from '../keys/data-keys.js';
import { KekBook } from '../keys/kek-book.js';
import { KekProviders, KeyService } from '../keys/key-service.js';
import { Shredding } from './shredding.js';
import { ShreddingRepository } from './shredding.repository.js';

/** A key service that can be out of reach. */
class MoodyKek extends LocalKek {
  isAway = false;

  override unwrap(
    ...given: [KeyEncryptionKey, Uint8Array, Readonly<Record<string, string>>]
  ): Promise<Buffer> {
    if (this.isAway) return Promise.reject(new KeyServiceUnreachable('Nobody answers.'));
    return super.unwrap(...given);
  }
}

/** Writes down what is to be attested; its signatures are worth nothing. */
class PlainAttestation extends Attestation {
  isBroken = false;

  sign(_: string, claims: AttestedClaims): Promise<string> {
    return this.isBroken
      ? Promise.reject(new Error('There is no key to sign with.'))
      : Promise.resolve(JSON.stringify(claims));
  }
}

class TenantsOfSpec extends TenantDirectory {
  constructor(private readonly tenant: TenantState) {
    super();
  }

  find(): Promise<TenantState> {
    return Promise.resolve(this.tenant);
  }
}

interface KeyRow {
  readonly id: string;
  readonly state: string;
  readonly wrapped: Buffer | null;
}

describe(Shredding.name, () => {
  const clock = new TestClock();
  let db: TestDatabase;
  let tenant: TestTenant;
  let kek: MoodyKek;
  let attestation: PlainAttestation;
  let keys: DataKeys;
  let shredding: Shredding;

  beforeAll(async () => {
    Logger.overrideLogger(false);
    db = await openTestDatabase();
  });
  afterAll(() => db.close());

  beforeEach(async () => {
    tenant = await aTenant(db.database);
    kek = new MoodyKek(new MasterKey(Buffer.alloc(32, 7)));
    attestation = new PlainAttestation();
    keys = node();
    shredding = shreddingBy(keys);
  });
  afterEach(() => {
    keys.onModuleDestroy();
  });

  /** The keys as a node holds them that has just started. */
  function node(): DataKeys {
    const service = new KeyService(new KekProviders([kek], kek), clock);
    const feed = new ChangeFeed(db.database, clock, db.url);
    const book = new KekBook(db.database, service, feed);
    return new DataKeys(db.database, book, service, new AuditTrail(db.database), feed, clock);
  }

  function shreddingBy(dataKeys: DataKeys): Shredding {
    return new Shredding(
      db.database,
      new ShreddingRepository(db.database),
      dataKeys,
      new TenantsOfSpec(tenant),
      attestation,
      new AuditTrail(db.database),
      clock,
    );
  }

  const rows = (): Promise<KeyRow[]> =>
    db.query<KeyRow>(
      'select id, state, wrapped from data_keys where tenant_id = $1 order by created_at, id',
      [tenant.id],
    );

  const shred = async (): Promise<Record<string, unknown>> => {
    const { certificate } = await shredding.shred(tenant.scope, TENANTRY);
    return JSON.parse(certificate) as Record<string, unknown>;
  };

  it('destroys a key whose service does not answer too, and certifies no more than was seen', async () => {
    const { id } = await keys.active(tenant.scope, TENANTRY);
    kek.isAway = true;

    const stated = await shred();

    expect(stated).toMatchObject({
      sub: tenant.id,
      shreddedBy: 'tenantry',
      keys: [{ id, openedBefore: false, opensAfter: false }],
      valuesDestroyed: 0,
    });
    expect(await rows()).toEqual([{ id, state: 'shredded', wrapped: null }]);
  });

  it('says of a key that was exchanged that it opened nothing', async () => {
    const { id } = await keys.active(tenant.scope, TENANTRY);
    await db.query(
      `update data_keys set wrapped = set_byte(wrapped, length(wrapped) - 1,
         get_byte(wrapped, length(wrapped) - 1) # 1) where tenant_id = $1`,
      [tenant.id],
    );

    expect(await shred()).toMatchObject({ keys: [{ id, openedBefore: false }] });
    expect(await rows()).toEqual([{ id, state: 'shredded', wrapped: null }]);
  });

  it('destroys nothing that it cannot certify', async () => {
    await keys.active(tenant.scope, TENANTRY);
    const before = await rows();
    attestation.isBroken = true;

    await expect(shred()).rejects.toThrow('There is no key to sign with.');

    expect(await rows()).toEqual(before);
    expect(before).toMatchObject([{ state: 'active', wrapped: expect.any(Buffer) }]);
  });

  it('destroys the key too that takes over while it waits for the old one', async () => {
    const { id: old } = await keys.active(tenant.scope, TENANTRY);
    const next = await keys.draw(tenant.id);
    let shredded: Promise<Record<string, unknown>> | undefined;

    await db.database.within(tenant.scope, async (tx) => {
      await tx.query("update data_keys set state = 'retiring' where tenant_id = $1::uuid", [
        tenant.id,
      ]);
      expect(await keys.replace(tx, next)).toBe(true);
      shredded = shred();
      await eventually(waiting, (count) => count > 0);
    });

    expect(await shredded).toMatchObject({
      keys: [
        { id: old, openedBefore: true },
        { id: next.id, openedBefore: true },
      ],
    });
    expect((await rows()).map(({ state, wrapped }) => [state, wrapped])).toEqual([
      ['shredded', null],
      ['shredded', null],
    ]);
  });

  /** How many wait for somebody else's lock. */
  async function waiting(): Promise<number> {
    const [row] = await db.query<{ count: number }>(
      `select count(*)::int as count from pg_locks
       join pg_database on pg_database.oid = pg_locks.database or pg_locks.database is null
       where not granted and datname = current_database()`,
    );
    return row?.count ?? 0;
  }
});
