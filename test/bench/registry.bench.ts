import { readConfig } from '@tenantry/config';
import { MasterKey } from '@tenantry/crypto';
import { ChangeFeed, Database } from '@tenantry/database';
import { IssuerTrust } from '@tenantry/issuers';
import { SystemClock } from '@tenantry/kernel';
import { mailerOf } from '@tenantry/mail';
import { SafeOutbound, SystemTxtResolver } from '@tenantry/outbound';
import { TenantLookup } from '@tenantry/tenants';
import { createApp } from '../../apps/control-plane/src/configure-app.js';
import { ClaimsRegistry } from '../../libs/issuers/src/claims-registry.js';
import { type BenchDatabase, withSuperuser } from './bench-server.js';
import type { Figure } from './figure.js';
import { AUDIENCE, DISCRIMINATOR, ownIssuerOf, SHARED_ISSUER, slugOf } from './registered.js';
import { interleave, type Speed, speedOf, told } from './rounds.js';
import { settingsFor } from './settings.js';

const AT_ONCE = 16;
const ID_SAMPLE = 10_000;

export interface Population {
  readonly database: BenchDatabase;
  readonly tenants: number;
}

const LOOKUPS = {
  own: 'issuer matched, a URL each',
  shared: 'issuer matched, one URL for all',
  stranger: 'token of the one URL that is nobody’s',
  trust: 'issuer matched and loaded, a URL each',
  slug: 'tenant resolved by slug',
  id: 'tenant resolved by id',
} as const;

type Lookup = keyof typeof LOOKUPS;

/** What the guard looks up for a token that it does not know, among few and among many. */
export async function registryBench(
  few: Population,
  many: Population,
  { times, rounds }: { readonly times: number; readonly rounds: number },
): Promise<Figure[]> {
  const [small, large] = [await Registry.open(few), await Registry.open(many)];
  const figures: Figure[] = [];
  for (const lookup of Object.keys(LOOKUPS) as Lookup[]) {
    const among = (registry: Registry) => (): Promise<Speed> =>
      speedOf({ times, atOnce: AT_ONCE }, () => registry.look(lookup));
    const speeds = await interleave({ few: among(small), many: among(large) }, rounds);
    figures.push({
      what: `${LOOKUPS[lookup]}, ${many.tenants.toLocaleString('en')} registered`,
      baseline: `${few.tenants} registered`,
      ratio: speeds.many.perSecond / speeds.few.perSecond,
      aim: 'about 1',
      measured: `${told(speeds.many)}; ${told(speeds.few)}`,
    });
  }
  await Promise.all([small.close(), large.close()]);
  return figures;
}

/** The application's own look-ups, on a feed that was never started: no cache is trusted. */
class Registry {
  private constructor(
    private readonly tenants: number,
    private readonly ids: readonly string[],
    private readonly features: {
      readonly claims: ClaimsRegistry;
      readonly trust: IssuerTrust;
      readonly lookup: TenantLookup;
    },
    readonly close: () => Promise<void>,
  ) {}

  static async open({ database: { url, superuserUrl }, tenants }: Population): Promise<Registry> {
    const config = readConfig(await settingsFor(url));
    const { poolSize, preparedStatements } = config.database;
    const clock = new SystemClock();
    const database = new Database({ url, poolSize, preparedStatements });
    const app = await createApp({
      config,
      clock,
      database,
      masterKey: new MasterKey(Buffer.alloc(32)),
      feed: new ChangeFeed(database, clock, url),
      outbound: new SafeOutbound(config.outbound),
      txt: new SystemTxtResolver(),
      mailer: mailerOf(config),
    });
    const ids = await withSuperuser(superuserUrl, async (client) => {
      const { rows } = await client.query<{ id: string }>(
        'select id from tenants order by md5(id::text) limit $1',
        [ID_SAMPLE],
      );
      return rows.map(({ id }) => id);
    });
    const features = {
      claims: app.get(ClaimsRegistry, { strict: false }),
      trust: app.get(IssuerTrust, { strict: false }),
      lookup: app.get(TenantLookup, { strict: false }),
    };
    return new Registry(tenants, ids, features, async () => {
      await app.close();
      await database.close();
    });
  }

  async look(lookup: Lookup): Promise<void> {
    const tenant = 1 + Math.floor(Math.random() * this.tenants);
    const found = await this.#find(lookup, tenant);
    if (!found) throw new Error(`Not found: ${LOOKUPS[lookup]}, number ${tenant}.`);
  }

  async #find(lookup: Lookup, tenant: number): Promise<unknown> {
    const { claims, trust, lookup: tenants } = this.features;
    switch (lookup) {
      case 'own':
        return (await claims.find(claimsOf(ownIssuerOf(tenant), slugOf(tenant))))[0];
      case 'shared':
        return (await claims.find(claimsOf(SHARED_ISSUER, slugOf(tenant))))[0];
      case 'stranger':
        return (await claims.find(claimsOf(SHARED_ISSUER, 'nobody'))).length === 0;
      case 'trust':
        return trust.find({
          header: { alg: 'ES256', kid: 'bench' },
          claims: claimsOf(ownIssuerOf(tenant), slugOf(tenant)),
        });
      case 'slug':
        return tenants.find(slugOf(tenant));
      case 'id':
        return tenants.find(this.ids[tenant % this.ids.length] ?? '');
    }
  }
}

/** What a token of a large provider says, more or less. */
function claimsOf(issuer: string, organization: string): Readonly<Record<string, unknown>> {
  return {
    iss: issuer,
    aud: [AUDIENCE, 'another'],
    sub: '00u1a2b3c4d5e6f7',
    email: `ada@${organization}.example`,
    name: 'Ada Lovelace',
    given_name: 'Ada',
    family_name: 'Lovelace',
    locale: 'en',
    [DISCRIMINATOR]: organization,
    exp: 1_900_000_000,
  };
}
