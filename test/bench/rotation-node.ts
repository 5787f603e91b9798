import { Caller } from '@tenantry/access';
import { actorOf, AuditTrail, TENANTRY } from '@tenantry/audit';
import type { KekProvider } from '@tenantry/crypto';
import { ChangeFeed, type Database } from '@tenantry/database';
import { type Clock, newId, type TenantScope } from '@tenantry/kernel';
import { DataKeys } from '../../libs/secrets/src/keys/data-keys.js';
import { KekBook } from '../../libs/secrets/src/keys/kek-book.js';
import { KekProviders, KeyService } from '../../libs/secrets/src/keys/key-service.js';
import { RevealLookup } from '../../libs/secrets/src/reveal/reveal-lookup.js';
import { DataKeyRotation } from '../../libs/secrets/src/rotation/data-key-rotation.js';
import { KekRotation } from '../../libs/secrets/src/rotation/kek-rotation.js';
import { PlatformVaultReading } from '../../libs/secrets/src/rotation/platform-vault-reading.js';
import { Resealing } from '../../libs/secrets/src/rotation/resealing.js';
import { ResealingRepository } from '../../libs/secrets/src/rotation/resealing.repository.js';
import { Rewrapping } from '../../libs/secrets/src/rotation/rewrapping.js';
import { RewrappingRepository } from '../../libs/secrets/src/rotation/rewrapping.repository.js';
import { RotationSchedule } from '../../libs/secrets/src/rotation/rotation-schedule.js';
import { SecretSaving } from '../../libs/secrets/src/saving.js';
import { contextOf } from '../../libs/secrets/src/sealing-context.js';
import { SecretAlterations } from '../../libs/secrets/src/secret-alterations.js';
import { SecretsRepository } from '../../libs/secrets/src/secrets.repository.js';
import { VaultReading } from '../../libs/secrets/src/vault/vault-reading.js';

const ORIGIN = { requestId: 'spec', ip: '127.0.0.1', userAgent: null };

const SEEDED_AT_ONCE = 5_000;

const SECRETS = `
  insert into secrets (tenant_id, id, name) select $1::uuid, id, name
  from unnest($2::uuid[], $3::text[]) as given(id, name)`;
const VERSIONS = `
  insert into secret_versions (tenant_id, secret_id, version, data_key_id, sealed, encoding, created_by)
  select $1::uuid, id, 1, $2::uuid, sealed, 'text', 'spec'
  from unnest($3::uuid[], $4::bytea[]) as given(id, sealed)`;
const TENANTS = `
  insert into tenants (id, slug, display_name) select id, 't-' || id, 'Seeded'
  from unnest($1::uuid[]) as given(id)`;
const DATA_KEYS = `
  insert into data_keys (tenant_id, id, kek_id, wrapped, canary)
  select tenant_id, id, kek_id, wrapped, canary
  from unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::bytea[], $5::bytea[])
    as given(tenant_id, id, kek_id, wrapped, canary)`;

/** Writes past the API. */
type Write = (text: string, values: readonly unknown[]) => Promise<unknown>;

/** Where a node finds its database, and by which keys it wraps. */
interface RotationNodeOptions {
  readonly database: Database;
  readonly url: string;
  readonly clock: Clock;
  readonly providers: readonly KekProvider[];
  /** Which of them makes new keys. */
  readonly preferred: KekProvider;
}

/** The vault of one node, without the application around it: nothing turns but when told to. */
export class RotationNode {
  readonly service: KeyService;
  readonly keys: DataKeys;
  readonly saving: SecretSaving;
  readonly alterations: SecretAlterations;
  readonly vault: VaultReading;
  readonly platform: PlatformVaultReading;
  readonly kekRotation: KekRotation;
  readonly keyRotation: DataKeyRotation;
  readonly rewrapping: Rewrapping;
  readonly resealing: Resealing;
  readonly schedule: RotationSchedule;
  readonly #lookup: RevealLookup;

  private constructor(
    private readonly feed: ChangeFeed,
    { database, clock, providers, preferred }: RotationNodeOptions,
  ) {
    const audit = new AuditTrail(database);
    const secrets = new SecretsRepository(database);
    this.service = new KeyService(new KekProviders(providers, preferred), clock);
    const book = new KekBook(database, this.service, feed);
    this.keys = new DataKeys(database, book, this.service, audit, feed, clock);
    this.saving = new SecretSaving(database, secrets, this.keys, audit, clock);
    this.alterations = new SecretAlterations(database, secrets, audit, clock);
    this.vault = new VaultReading(database);
    this.platform = new PlatformVaultReading(database, book, this.service);
    this.kekRotation = new KekRotation(database, this.service, audit);
    this.keyRotation = new DataKeyRotation(database, this.keys, audit);
    const replaced = new RewrappingRepository(database);
    this.rewrapping = new Rewrapping(database, replaced, this.service, audit, clock);
    const resealed = new ResealingRepository(database);
    this.resealing = new Resealing(database, resealed, this.keys, audit, clock);
    this.schedule = new RotationSchedule(this.rewrapping, this.resealing);
    this.#lookup = new RevealLookup(database);
  }

  static async start(options: RotationNodeOptions): Promise<RotationNode> {
    const feed = new ChangeFeed(options.database, options.clock, options.url);
    await feed.start();
    return new RotationNode(feed, options);
  }

  async stop(): Promise<void> {
    await this.schedule.onModuleDestroy();
    this.keys.onModuleDestroy();
    await this.feed.stop();
  }

  /** Makes so many secrets of one version, past the API: `secret-1` holds `value-1`, and as many dots as asked. */
  async seed(scope: TenantScope, count: number, write: Write, length = 0): Promise<void> {
    const { tenantId } = scope;
    const stored = await this.keys.active(scope, TENANTRY);
    for (let done = 0; done < count; done += SEEDED_AT_ONCE) {
      const seeded = Array.from({ length: Math.min(SEEDED_AT_ONCE, count - done) }, (_, index) => {
        const number = done + index + 1;
        const value = Buffer.from(`value-${number}`.padEnd(length, '.'));
        return { id: newId(), name: `secret-${number}`, value };
      });
      const ids = seeded.map(({ id }) => id);
      const sealed = await this.keys.using(tenantId, stored, (key) =>
        seeded.map(({ id: secretId, name, value }) =>
          key.seal(value, contextOf({ tenantId, secretId, name, version: 1, encoding: 'text' })),
        ),
      );
      await write(SECRETS, [tenantId, ids, seeded.map(({ name }) => name)]);
      await write(VERSIONS, [tenantId, stored.id, ids, sealed]);
    }
  }

  /** Makes so many tenants, each with a data key. */
  async seedTenants(count: number, write: Write): Promise<void> {
    const ids = Array.from({ length: count }, () => newId());
    const keys: Awaited<ReturnType<DataKeys['draw']>>[] = [];
    for (const id of ids) keys.push(await this.keys.draw(id));
    await write(TENANTS, [ids]);
    await write(DATA_KEYS, [
      ids,
      keys.map(({ id }) => id),
      keys.map(({ kekId }) => kekId),
      keys.map(({ wrapped }) => wrapped),
      keys.map(({ canary }) => canary),
    ]);
  }

  async save({
    caller,
    name,
    value,
  }: {
    caller: Caller;
    name: string;
    value: string;
  }): Promise<void> {
    const given = {
      value: { bytes: Buffer.from(value), encoding: 'text' as const },
      expiresAt: null,
    };
    const condition = { expected: null, isNew: false };
    await this.saving.save(caller, name, condition, () => Promise.resolve(given));
  }

  /** Current values, as a service account is answered them; null for one that was destroyed. */
  async reveal(scope: TenantScope, names: readonly string[]): Promise<(string | null)[]> {
    const { tenantId } = scope;
    const asked = await this.#lookup.find(scope, { names, version: null, engineId: null });
    return Promise.all(
      asked.map(async ({ name, id, version: found }) => {
        if (!id || !found?.sealed || !found.wrapped) return null;
        const { sealed, wrapped, keyId, kekId, version, encoding } = found;
        const context = contextOf({ tenantId, secretId: id, name, version, encoding });
        return this.keys.using(tenantId, { id: keyId, kekId, wrapped }, (key) =>
          key.open(sealed, context).toString(),
        );
      }),
    );
  }
}

/** Somebody who may do what a spec is about. */
export function aCaller(tenant: Caller['tenant']): Caller {
  const actor = actorOf({ kind: 'service', id: newId(), issuer: 'spec', subject: 'spec' });
  return new Caller(actor, tenant, ORIGIN);
}

/** Goes on with the work of all nodes at once, until none of them finds any more. */
export async function drain(...nodes: readonly RotationNode[]): Promise<void> {
  const look = (): Promise<boolean[]> =>
    Promise.all(nodes.map(({ schedule }) => schedule.lookOnce()));
  while ((await look()).includes(true));
}
