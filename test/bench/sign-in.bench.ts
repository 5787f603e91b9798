import { newId } from '@tenantry/kernel';
import { type BenchDatabase, withSuperuser } from './bench-server.js';
import { ControlPlane } from './control-plane.js';
import { type Figure, ratioOf } from './figure.js';
import { load } from './load.js';
import { machineToken } from './machine-token.js';
import { PlatformAdmin } from './platform-admin.js';
import { interleave, speedOf } from './rounds.js';
import { ADMIN_PERSON } from './settings.js';
import { PasswordHasher } from '../../libs/signin/src/passwords/password-hasher.js';

/** So many at once are let in without a wait: see libs/signin/src/login/attempts.ts. */
const AT_ONCE = 2;
const FEW_MEMBERS = 10;
const MANY_MEMBERS = 100_000;

/** What a tenant has had for long: made one by one over the API it would take an hour. */
const MEMBERS = `
  insert into members (tenant_id, id, issuer_owner_id, kind, email, display_name, roles)
  select $1::uuid, uuidv7(), $1::uuid, 'external', 'm' || n || '@bench.example', 'Member ' || n, '{viewer}'
  from generate_series(1, $2::int) as n`;

/** People with the password of the first: each signs in but a few times a minute. */
const PEOPLE = `
  insert into people (id, email, email_folded, password_hash, email_verified_at, recovery_codes)
  select uuidv7(), 'p' || n || '@bench.example', 'p' || n || '@bench.example', password_hash, now(), '{}'
  from people, generate_series(1, $1::int) as n where email_folded = $2`;
const PEOPLE_COUNT = 100;
/** Each gets so many tokens a minute, and no more: see libs/signin/src/login/success-throttle.ts. */
const CLIENTS = 8;

/** Signing in against hashing alone, keys against tokens, and what a large tenant costs its members. */
export async function signInBench(
  database: BenchDatabase,
  {
    seconds,
    rounds,
    times,
  }: { readonly seconds: number; readonly rounds: number; readonly times: number },
): Promise<Figure[]> {
  const plane = await ControlPlane.start(database.url);
  try {
    const admin = await PlatformAdmin.signIn(plane.url);
    const small = await machineOf(admin, 'small');
    const large = await machineOf(admin, 'large');
    await withSuperuser(database.superuserUrl, async (client) => {
      await client.query(MEMBERS, [small.tenantId, FEW_MEMBERS]);
      await client.query(MEMBERS, [large.tenantId, MANY_MEMBERS]);
      await client.query(PEOPLE, [PEOPLE_COUNT, ADMIN_PERSON.email]);
      await client.query('vacuum analyze members');
    });
    const hasher = new PasswordHasher();
    const hash = await hasher.hash(ADMIN_PERSON.password);
    const token = await tokenOf(plane.url, small, 0);
    const me = (credential: string) => () =>
      load({ url: `${plane.url}/v1/me`, credential, seconds });
    const fresh = (machine: Machine) => () =>
      speedOf({ times, atOnce: AT_ONCE }, async (turn) => tokenOf(plane.url, machine, turn));
    const speeds = await interleave(
      {
        login: () =>
          speedOf({ times: times / 10, atOnce: AT_ONCE }, (turn) => login(plane.url, turn)),
        hashing: () =>
          speedOf({ times: times / 10, atOnce: AT_ONCE }, () =>
            hasher.matches(ADMIN_PERSON.password, hash),
          ),
        key: me(small.key),
        token: me(token),
        few: fresh(small),
        many: fresh(large),
      },
      rounds,
    );
    return [
      ratioOf('POST /v1/login', speeds.login, {
        baseline: 'one argon2id hash, in process',
        against: speeds.hashing,
      }),
      ratioOf('GET /v1/me by API key', speeds.key, {
        baseline: 'the same by token',
        against: speeds.token,
      }),
      ratioOf(`a token for a member among ${MANY_MEMBERS.toLocaleString('en')}`, speeds.many, {
        baseline: `among ${FEW_MEMBERS}`,
        against: speeds.few,
      }),
    ];
  } finally {
    await plane.stop();
  }
}

interface Machine {
  readonly tenantId: string;
  readonly clients: readonly { readonly clientId: string; readonly clientSecret: string }[];
  readonly key: string;
}

async function machineOf(admin: PlatformAdmin, slug: string): Promise<Machine> {
  const tenant = await admin.post('/v1/tenants', { slug, displayName: slug });
  const accounts = `/v1/tenants/${slug}/service-accounts`;
  const made = await Promise.all(
    Array.from({ length: CLIENTS }, () =>
      admin.post(accounts, { name: newId(), roles: ['viewer'] }),
    ),
  );
  const { key } = await admin.post(`${accounts}/${String(made[0]?.['id'])}/keys`, {
    name: 'bench',
  });
  return {
    tenantId: String(tenant['id']),
    clients: made.map(({ clientId, clientSecret }) => ({
      clientId: String(clientId),
      clientSecret: String(clientSecret),
    })),
    key: String(key),
  };
}

/** Looks the member up anew: nothing of a client's secret is cached. */
async function tokenOf(url: string, { clients }: Machine, turn: number): Promise<string> {
  const { clientId = '', clientSecret = '' } = clients[turn % clients.length] ?? {};
  return machineToken(url, { clientId, clientSecret });
}

async function login(url: string, turn: number): Promise<void> {
  const email = `p${1 + (turn % PEOPLE_COUNT)}@bench.example`;
  const answer = await fetch(`${url}/v1/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...ADMIN_PERSON, email }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`POST /v1/login: ${answer.status} ${text}`);
}
