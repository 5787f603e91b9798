import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { createTestDatabase, IdentityProvider } from '@tenantry/testing';
import { ControlPlaneProcess } from './control-plane-process.js';
import { Deployment, feedOf, revisionOf, statusAt } from './deployment.js';
import { eventually } from './eventually.js';
import { textOf } from './send.js';

const START_LIMIT_MS = 120_000;
const ROUNDS = 6;
/** More than its pool has connections, so that both waiting for one and waiting on one are met. */
const ASKED_OF_A_FENCED_NODE = 20;
/** A swallowed question is given up after 16 s. */
const FENCE_LIMIT_MS = 90_000;
const HEALING_MS = 20_000;
const OK = 200;
const INVALID = 401;
const FORBIDDEN = 403;
const UNAVAILABLE = 503;

/** A tenant of its own for each test, and the issuer that it trusts. */
interface Trusting {
  readonly idp: IdentityProvider;
  readonly tenantPath: string;
  readonly issuerPath: string;
  readonly token: string;
}

describe('three processes on one database', () => {
  let deployment: Deployment;
  let superuser: pg.Client;
  const idps: IdentityProvider[] = [];

  beforeAll(async () => {
    deployment = await Deployment.start();
    superuser = new pg.Client({ connectionString: deployment.copy.superuserUrl });
    await superuser.connect();
  }, START_LIMIT_MS);
  afterEach(async () => {
    for (const { database, hints } of deployment.nodes) {
      await Promise.all([database.restore(), hints.restore()]);
    }
  });
  afterAll(async () => {
    await superuser.end();
    await Promise.all([deployment.close(), ...idps.map((idp) => idp.close())]);
  });

  async function aTenantWithAnIssuer(slug: string): Promise<Trusting> {
    const idp = await IdentityProvider.start();
    idps.push(idp);
    await deployment.change('/v1/tenants', { slug, displayName: slug });
    const registered = await deployment.change(
      `/v1/tenants/${slug}/issuers?wait=first-validation`,
      { issuer: idp.issuer, audiences: ['tenantry'], admission: 'anyone', roles: ['viewer'] },
    );
    return {
      idp,
      tenantPath: `/v1/tenants/${slug}`,
      issuerPath: `/v1/tenants/${slug}/issuers/${textOf(registered, 'id')}`,
      token: await idp.token({ subject: 'ada' }),
    };
  }

  /** Until when each of the other nodes obeys, in ms since the call; asked as fast as they answer. */
  async function lagsUntil(status: number, token: string): Promise<number[]> {
    const since = performance.now();
    return Promise.all(
      deployment.others.map(async (node) => {
        await eventually(
          () => statusAt(node, token),
          (found) => found === status,
          { pauseMs: 0 },
        );
        return performance.now() - since;
      }),
    );
  }

  async function everyNodeAnswers(status: number, token: string): Promise<void> {
    const [first] = deployment.nodes;
    // The node that made the change obeys before it says that it was made.
    expect(await statusAt(first, token)).toBe(status);
    await lagsUntil(status, token);
  }

  it('trust a new issuer everywhere, though its tokens were refused before', async () => {
    const idp = await IdentityProvider.start();
    idps.push(idp);
    const token = await idp.token({ subject: 'ada' });
    const before = await Promise.all(deployment.nodes.map((node) => statusAt(node, token)));

    await deployment.change('/v1/tenants', { slug: 'early', displayName: 'Early' });
    await deployment.change('/v1/tenants/early/issuers?wait=first-validation', {
      issuer: idp.issuer,
      audiences: ['tenantry'],
      admission: 'anyone',
    });

    expect(before).toEqual([INVALID, INVALID, INVALID]);
    await everyNodeAnswers(OK, token);
  });

  it('obey when an issuer is disabled and enabled again, and say how soon', async () => {
    const { issuerPath, token } = await aTenantWithAnIssuer('acme');
    await everyNodeAnswers(OK, token);

    const lags: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await deployment.change(`${issuerPath}/disable`);
      lags.push(...(await lagsUntil(INVALID, token)));
      await deployment.change(`${issuerPath}/enable`);
      lags.push(...(await lagsUntil(OK, token)));
    }

    expect(lags).toHaveLength(ROUNDS * 4);
    print('disabling and enabling an issuer', lags);
  });

  it('close a suspended tenant at once, and open it when it is resumed', async () => {
    const { tenantPath, token } = await aTenantWithAnIssuer('globex');
    await everyNodeAnswers(OK, token);

    await deployment.change(`${tenantPath}/suspend`, { reason: 'unpaid' });
    await everyNodeAnswers(FORBIDDEN, token);
    await deployment.change(`${tenantPath}/resume`);
    await everyNodeAnswers(OK, token);
  });

  it('shut a suspended member out at once, whose provider’s token is still good', async () => {
    const { tenantPath, token } = await aTenantWithAnIssuer('cyberdyne');
    await everyNodeAnswers(OK, token);
    const { rows } = await superuser.query<{ id: string }>(
      `select m.id from members m join tenants t on t.id = m.tenant_id where t.slug = 'cyberdyne'`,
    );

    await deployment.change(`${tenantPath}/members/${String(rows[0]?.id)}/suspend`);
    await everyNodeAnswers(FORBIDDEN, token);
    await deployment.change(`${tenantPath}/members/${String(rows[0]?.id)}/reactivate`);
    await everyNodeAnswers(OK, token);
  });

  it('learn of a new key from the node that fetched it', async () => {
    const { idp } = await aTenantWithAnIssuer('initech');
    const [second, third] = deployment.others;
    await idp.rotateKeys({ keepOld: true });
    const token = await idp.token({ subject: 'ada' });
    idp.resetHits();

    const atSecond = await statusAt(second, token);
    const revision = await revisionOf(second);
    await eventually(
      () => revisionOf(third),
      (found) => found >= revision,
    );
    const atThird = await statusAt(third, token);

    expect([atSecond, atThird]).toEqual([OK, OK]);
    expect(idp.hits).toMatchObject({ discovery: 1, jwks: 1 });
  });

  it('obey without NOTIFY too: a poll delivers what no hint announces', async () => {
    const { issuerPath, token } = await aTenantWithAnIssuer('vandelay');
    await everyNodeAnswers(OK, token);

    await Promise.all(deployment.nodes.map(({ hints }) => hints.cut()));
    await superuser.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where datname = current_database() and query ilike 'listen %'`,
    );
    await eventually(listeners, (count) => count === 0);
    await deployment.change(`${issuerPath}/disable`);
    await everyNodeAnswers(INVALID, token);
    const listenersMeanwhile = await listeners();
    await Promise.all(deployment.nodes.map(({ hints }) => hints.restore()));

    expect(listenersMeanwhile).toBe(0);
    await expect(eventually(listeners, (count) => count === 3)).resolves.toBe(3);
  });

  it.each([
    ['refuses its connections', 'cut'],
    ['swallows what it sends', 'freeze'],
  ] as const)(
    'fence the one whose network %s: it answers 503, and nothing that it remembers',
    async (_, fail) => {
      const [revoked, kept] = await Promise.all([
        aTenantWithAnIssuer(`revoked-behind-${fail}`),
        aTenantWithAnIssuer(`kept-behind-${fail}`),
      ]);
      const [first, second, third] = deployment.nodes;
      await everyNodeAnswers(OK, revoked.token);
      await everyNodeAnswers(OK, kept.token);

      await Promise.all([third.database[fail](), third.hints[fail]()]);
      await eventually(
        () => feedOf(third),
        (feed) => feed === 'down',
      );
      await deployment.change(`${revoked.issuerPath}/disable`);
      const served = [await statusAt(first, kept.token), await statusAt(second, kept.token)];
      const fenced = await Promise.all(
        Array.from({ length: ASKED_OF_A_FENCED_NODE }, () => statusAt(third, revoked.token)),
      );
      await Promise.all([third.database.restore(), third.hints.restore()]);
      const firstWord = await eventually(
        () => statusAt(third, revoked.token),
        (status) => status !== UNAVAILABLE,
        { pauseMs: 0, withinMs: HEALING_MS },
      );

      expect(served).toEqual([OK, OK]);
      expect(new Set(fenced)).toEqual(new Set([UNAVAILABLE]));
      expect(firstWord).toBe(INVALID);
      expect(await statusAt(third, kept.token)).toBe(OK);
    },
    FENCE_LIMIT_MS,
  );

  async function listeners(): Promise<number> {
    const { rows } = await superuser.query<{ count: number }>(
      `select count(*)::int as count from pg_stat_activity
       where datname = current_database() and query ilike 'listen %'`,
    );
    return rows[0]?.count ?? 0;
  }
});

describe('three processes that start at once on an empty database', () => {
  afterEach(() => ControlPlaneProcess.endAll());

  it(
    'all come up; one has migrated, and one has made the first credential',
    async () => {
      const copy = await createTestDatabase('template0');
      const settings = {
        DATABASE_URL: copy.url,
        TENANTRY_MASTER_KEY: Buffer.alloc(32, 7).toString('base64'),
        LOG_LEVEL: 'error',
      };

      const nodes = await Promise.all([1, 2, 3].map(() => ControlPlaneProcess.start({ settings })));
      // Three processes that start share few cores: one that was not heard for a second is fenced,
      // and says so, until its next look.
      const ready = await Promise.all(
        nodes.map(async ({ url }) =>
          eventually(
            async () => (await fetch(`${url}/readyz`)).status,
            (status) => status === OK,
          ),
        ),
      );
      const credentials = nodes.flatMap(({ printedCredential }) => printedCredential ?? []);

      expect(ready).toEqual([OK, OK, OK]);
      expect(nodes.filter(({ stdout }) => stdout.includes('Migrated the database'))).toHaveLength(
        1,
      );
      expect(credentials).toHaveLength(1);
      await expect(nodes[0]?.token(credentials[0])).resolves.toMatch(/^ey/);
      expect(nodes.map(({ stderr }) => stderr)).toEqual(['', '', '']);
      await ControlPlaneProcess.endAll();
      await copy.drop();
    },
    START_LIMIT_MS,
  );
});

/** For the eye: figures depend on the machine, and nothing is asserted of them. */
function print(what: string, lags: readonly number[]): void {
  const sorted = lags.toSorted((one, other) => one - other);
  const at = (share: number): string =>
    (sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN).toFixed(1);
  process.stdout.write(
    `propagation, ${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, max ${at(1)} ms over ${lags.length} observations\n`,
  );
}
