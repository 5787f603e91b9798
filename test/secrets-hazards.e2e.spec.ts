import { createDecipheriv, createHash } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';

import { scopeOfOwnWork } from '@tenantry/access';
import { itemsOf } from './send.js';
import { type VaultTenant, VaultWorld } from './vault-world.js';

const VALUE = 'canary-of-hazards';

/** Where the parts of a sealed value lie: version, key id, nonce, ciphertext, tag. */
const PARTS = { version: 0, keyId: 1, nonce: 17, ciphertext: 29 };
const TAG_BYTES = 16;

describe('a database that somebody has written to', () => {
  let vault: VaultWorld;
  let tenant: VaultTenant;
  let other: VaultTenant;

  beforeAll(async () => {
    vault = await VaultWorld.start();
  });
  afterAll(() => vault.close());

  beforeEach(async () => {
    tenant = await vault.tenant();
    other = await vault.tenant();
    for (const { root, secrets } of [tenant, other]) {
      for (const name of ['one', 'two']) await root.put(`${secrets}/${name}`, { value: VALUE });
    }
  });

  const sealedOf = `select v.sealed from secret_versions v join secrets s
    on s.tenant_id = v.tenant_id and s.id = v.secret_id
    where s.tenant_id = $1 and s.name = $2 and v.version = $3`;
  const tamper = `update secret_versions v set sealed = $4 from secrets s
    where s.tenant_id = v.tenant_id and s.id = v.secret_id
      and s.tenant_id = $1 and s.name = $2 and v.version = $3`;

  const sealed = async ({ id }: VaultTenant, name: string, version = 1): Promise<Buffer> => {
    const [found] = await vault.superuser.query<{ sealed: Buffer }>(sealedOf, [id, name, version]);
    if (!found) throw new Error(`There is no ${name}.`);
    return found.sealed;
  };

  const put = async ({ id }: VaultTenant, name: string, bytes: Buffer): Promise<void> => {
    await vault.superuser.query(tamper, [id, name, 1, bytes]);
  };

  const expectBroken = async ({ root, at, secrets }: VaultTenant, name: string): Promise<void> => {
    const answer = await root.get(`${secrets}/${name}/value`);

    expect(answer).toMatchObject({ status: 500, json: { code: 'secrets.broken' } });
    expect(answer.text).not.toContain('canary');
    const trail = await root.get(`${at}/audit/events?deed=secret.revealed&limit=1`);
    expect(itemsOf(trail)).toEqual([
      expect.objectContaining({
        outcome: 'failed',
        reason: 'secrets.broken',
        target: expect.objectContaining({ name }),
        changes: { version: { after: 1 }, keyId: { after: expect.any(String) } },
      }),
    ]);
  };

  const expectWhole = async ({ root, secrets }: VaultTenant, name: string): Promise<void> => {
    expect(await root.get(`${secrets}/${name}/value`)).toMatchObject({
      status: 200,
      json: { value: VALUE },
    });
  };

  it('swapped rows: a value opens under no other name', async () => {
    const [one, two] = [await sealed(tenant, 'one'), await sealed(tenant, 'two')];
    await put(tenant, 'one', two);
    await put(tenant, 'two', one);

    await expectBroken(tenant, 'one');
    await expectBroken(tenant, 'two');
  });

  it('swapped columns: neither a wrapped key nor a canary opens as a value', async () => {
    const [key] = await vault.superuser.query<{ wrapped: Buffer; canary: Buffer }>(
      'select wrapped, canary from data_keys where tenant_id = $1',
      [tenant.id],
    );
    await put(tenant, 'one', key?.canary ?? Buffer.of());
    await put(tenant, 'two', key?.wrapped ?? Buffer.of());

    await expectBroken(tenant, 'one');
    await expectBroken(tenant, 'two');
  });

  it('swapped tenants: neither the value nor its key opens in another tenant', async () => {
    await put(other, 'one', await sealed(tenant, 'one'));
    await expectBroken(other, 'one');

    // The key along with it, as whoever has the whole database could do.
    await vault.superuser.query(
      `update data_keys mine set wrapped = theirs.wrapped, kek_id = theirs.kek_id
       from data_keys theirs where mine.tenant_id = $1 and theirs.tenant_id = $2`,
      [other.id, tenant.id],
    );
    const fresh = await secondNode();
    try {
      await expectBroken(fresh.of(other), 'one');
      await expectBroken(fresh.of(other), 'two');
      await expectWhole(fresh.of(tenant), 'one');
    } finally {
      await fresh.close();
    }
  });

  it('replayed version: an older value does not open as a newer one', async () => {
    await tenant.root.put(`${tenant.secrets}/one`, { value: 'newer' });
    await vault.superuser.query(tamper, [tenant.id, 'one', 2, await sealed(tenant, 'one')]);

    expect(await tenant.root.get(`${tenant.secrets}/one/value`)).toMatchObject({
      status: 500,
      json: { code: 'secrets.broken' },
    });
  });

  it('replayed secret: a value of before the deletion does not open under the same name', async () => {
    const before = await sealed(tenant, 'one');
    await tenant.root.ask('DELETE', `${tenant.secrets}/one`);
    await tenant.root.put(`${tenant.secrets}/one`, { value: 'newer' });
    await put(tenant, 'one', before);

    await expectBroken(tenant, 'one');
  });

  it('altered meaning: a text does not open as bytes', async () => {
    await vault.superuser.query(
      `update secret_versions set encoding = 'base64' where tenant_id = $1`,
      [tenant.id],
    );

    await expectBroken(tenant, 'one');
  });

  it.each(Object.entries(PARTS))('flipped bit: in the %s', async (_, at) => {
    const bytes = await sealed(tenant, 'one');
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    await put(tenant, 'one', bytes);

    await expectBroken(tenant, 'one');
    await expectWhole(tenant, 'two');
  });

  it('flipped bit: in the last byte of the tag', async () => {
    const bytes = await sealed(tenant, 'one');
    const last = bytes.length - 1;
    bytes[last] = (bytes[last] ?? 0) ^ 0x80;
    await put(tenant, 'one', bytes);

    await expectBroken(tenant, 'one');
  });

  it.each([1, TAG_BYTES - 4, TAG_BYTES])('truncated tag: by %i bytes', async (by) => {
    const bytes = await sealed(tenant, 'one');
    await put(tenant, 'one', bytes.subarray(0, -by));

    await expectBroken(tenant, 'one');
  });

  it('moved to another key of the same tenant: the key id is bound', async () => {
    await vault.superuser.query(
      `insert into data_keys (tenant_id, id, kek_id, wrapped, state, canary)
       select $1, gen_random_uuid(), kek_id, wrapped, 'retiring', canary
       from data_keys where tenant_id = $2`,
      [tenant.id, other.id],
    );
    await vault.superuser.query(
      `update secret_versions set data_key_id = (
         select id from data_keys where tenant_id = $1 and state = 'retiring')
       where tenant_id = $1`,
      [tenant.id],
    );

    await expectBroken(tenant, 'one');
  });

  it('wrong key: what another key-encryption key has wrapped is not opened, on no node', async () => {
    await vault.superuser.query(
      `insert into key_encryption_keys (id, provider, material, state)
       select gen_random_uuid(), provider, material, 'retiring' from key_encryption_keys
       where state = 'active'`,
    );
    await vault.superuser.query(
      `update data_keys set kek_id = (
         select id from key_encryption_keys where state = 'retiring') where tenant_id = $1`,
      [tenant.id],
    );
    const fresh = await secondNode();
    try {
      await expectBroken(fresh.of(tenant), 'one');
      await expectWhole(fresh.of(other), 'one');
    } finally {
      await fresh.close();
      await vault.superuser.query(
        `update data_keys set kek_id = (
           select id from key_encryption_keys where state = 'active') where tenant_id = $1`,
        [tenant.id],
      );
      await vault.superuser.query(`delete from key_encryption_keys where state = 'retiring'`);
    }
  });

  it('retired key: a data key that is left under one opens nothing', async () => {
    await vault.superuser.query(
      `insert into key_encryption_keys (id, provider, state, retired_at)
       values (gen_random_uuid(), 'local', 'retired', now())`,
    );
    await vault.superuser.query(
      `update data_keys set kek_id = (
         select id from key_encryption_keys where state = 'retired' limit 1)
       where tenant_id = $1`,
      [tenant.id],
    );
    const fresh = await secondNode();
    try {
      await expectBroken(fresh.of(tenant), 'one');
    } finally {
      await fresh.close();
    }
  });

  it('stolen whole: nothing in it opens a value', async () => {
    const bytes = await everyByteString();
    const value = await sealed(tenant, 'one');

    const keys = bytes.flatMap(possibleKeys);
    const opened = keys.filter((key) => opens(value, key));

    expect(keys.length).toBeGreaterThan(100);
    expect(opened).toEqual([]);
    expect(bytes.filter((text) => text.includes(VALUE))).toEqual([]);
  });

  it('is not readable across tenants by the tenant role, whatever it asks for', async () => {
    const { database } = vault.world.api;
    const tables = [
      'data_keys',
      'vault_seals',
      'secrets',
      'secret_versions',
      'secret_consents',
      'shred_certificates',
    ];
    for (const table of tables) {
      const rows = await database.query(
        scopeOfOwnWork(other.id),
        `select * from ${table} where tenant_id <> $1::uuid`,
        [other.id],
      );
      expect([table, rows]).toEqual([table, []]);
    }
    for (const table of ['key_encryption_keys', 'wrapped_master_keys']) {
      await expect(
        database.query(scopeOfOwnWork(other.id), `select * from ${table}`),
      ).rejects.toThrow('permission denied');
    }
  });

  /** A node that has unwrapped nothing yet. */
  const secondNode = async (): Promise<{
    of(tenant: VaultTenant): VaultTenant;
    close(): Promise<void>;
  }> => {
    const node = await vault.node();
    return {
      of: (view) => ({ ...view, root: node.voice(view.token) }),
      close: () => node.close(),
    };
  };

  /** Every value of every column that is bytes, and every text, of the whole database. */
  const everyByteString = async (): Promise<Buffer[]> => {
    const columns = await vault.superuser.query<{ text: string }>(
      `select format('select convert_to(%1$I::text, ''UTF8'') as found from %2$I where %1$I is not null',
         column_name, table_name) as text
       from information_schema.columns where table_schema = 'public'`,
    );
    const found: Buffer[] = [];
    for (const { text } of columns) {
      const rows = await vault.superuser.query<{ found: Buffer }>(text);
      found.push(...rows.map((one) => one.found).map(decoded));
    }
    return found;
  };
});

/** Bytes as they are written in a dump: `\x0123…`. */
function decoded(text: Buffer): Buffer {
  return text.subarray(0, 2).toString() === '\\x'
    ? Buffer.from(text.subarray(2).toString(), 'hex')
    : text;
}

/** What a thief would try: the bytes themselves, their ends, and their hash. */
function possibleKeys(bytes: Buffer): Buffer[] {
  const ends = bytes.length >= 32 ? [bytes.subarray(0, 32), bytes.subarray(-32)] : [];
  const inner = bytes.length >= 64 ? [bytes.subarray(29, 61), bytes.subarray(21, 53)] : [];
  return [...ends, ...inner, createHash('sha256').update(bytes).digest()];
}

/** Without the associated data, so that only the key stands between a thief and the value. */
function opens(sealed: Buffer, key: Buffer): boolean {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(17, 29));
  const clear = decipher.update(sealed.subarray(29, -TAG_BYTES));
  return clear.toString().includes('canary');
}
