import type { AddressInfo } from 'node:net';

import supertest from 'supertest';

import { readConfig } from '@tenantry/config';
import { MasterKey } from '@tenantry/crypto';
import { ChangeFeed, Database } from '@tenantry/database';
import { type Clock, SystemClock } from '@tenantry/kernel';
import { SafeOutbound, SystemTxtResolver, type TxtResolver } from '@tenantry/outbound';
import { FirstAdmins } from '@tenantry/signin';
import { createTestDatabase } from '@tenantry/testing';
import { createApp } from '../apps/control-plane/src/configure-app.js';
import { RecordedMail } from './recorded-mail.js';

const ADMIN = { clientId: 'test-admin', clientSecret: 'a-secret-for-tests-alone-0123456789' };

/** The first platform admin who is a person. */
export const ADMIN_PERSON = { email: 'root@tenantry.test', password: 'a password for tests alone' };

/** Every application of one test file has the same master key, as nodes of one deployment have. */
const MASTER_KEY = Buffer.alloc(32, 7);

export interface ApiOptions {
  /** Settings on top of the tests' own. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Another application's database: a second node. */
  readonly databaseUrl?: string;
  /** Who answers for names of the DNS. */
  readonly txt?: TxtResolver;
  readonly clock?: Clock;
}

/** The real application on a database of its own, over real HTTP. */
export interface Api {
  readonly url: string;
  readonly databaseUrl: string;
  readonly superuserUrl: string | null;
  readonly http: ReturnType<typeof supertest>;
  readonly database: Database;
  readonly feed: ChangeFeed;
  /** A token of the first platform admin. */
  readonly adminToken: string;
  /** What was written to people. */
  readonly mail: RecordedMail;
  readonly app: Awaited<ReturnType<typeof createApp>>;
  close(): Promise<void>;
}

export async function startApi({
  settings = {},
  databaseUrl,
  txt = new SystemTxtResolver(),
  clock = new SystemClock(),
}: ApiOptions = {}): Promise<Api> {
  const own = databaseUrl === undefined ? await createTestDatabase() : null;
  const url = databaseUrl ?? own?.url ?? '';
  const config = readConfig({
    LOG_LEVEL: 'silent',
    METRICS_PORT: '0',
    DATABASE_URL: url,
    ALLOW_INSECURE_ISSUERS: 'loopback',
    THROTTLE_ACTOR_PER_SECOND: '0',
    THROTTLE_TENANT_PER_SECOND: '0',
    PUBLIC_URL: 'http://tenantry.test',
    ...settings,
  });
  const mailer = new RecordedMail();
  const masterKey = new MasterKey(MASTER_KEY);
  const database = new Database({ url, poolSize: 5, preparedStatements: true });
  const feed = new ChangeFeed(database, clock, url);
  await feed.start();
  const outbound = new SafeOutbound(config.outbound);
  const app = await createApp({ config, clock, masterKey, database, feed, outbound, txt, mailer });
  await app.init();
  await app.get(FirstAdmins).ensure({ client: ADMIN, person: ADMIN_PERSON });
  await app.listen(0, '127.0.0.1');
  const address: unknown = app.getHttpServer().address();
  const { port } = address as AddressInfo;
  const http = supertest(`http://127.0.0.1:${port}`);

  return {
    url: `http://127.0.0.1:${port}`,
    databaseUrl: url,
    superuserUrl: own?.superuserUrl ?? null,
    http,
    database,
    feed,
    mail: mailer,
    app,
    adminToken: await tokenOf(http),
    close: async () => {
      await app.close();
      await feed.stop();
      await database.close();
      await own?.drop();
    },
  };
}

async function tokenOf(http: Api['http']): Promise<string> {
  const answer = await http
    .post('/oauth/token')
    .auth(ADMIN.clientId, ADMIN.clientSecret)
    .type('form')
    .send({ grant_type: 'client_credentials' })
    .expect(200);
  const body = answer.body as { readonly access_token: string };
  return body.access_token;
}
