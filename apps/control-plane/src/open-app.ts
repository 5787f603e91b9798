import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import type { AppConfig } from '@tenantry/config';
import { MasterKey, masterKeyOfDirectory, masterKeyOfFile } from '@tenantry/crypto';
import { ChangeFeed, Database } from '@tenantry/database';
import { SystemClock } from '@tenantry/kernel';
import { mailerOf } from '@tenantry/mail';
import { SafeOutbound, SystemTxtResolver } from '@tenantry/outbound';
import { masterKeyByKms } from '@tenantry/secrets';
import { FirstAdmins, type GeneratedAdmins } from '@tenantry/signin';
import { createApp, serveReference } from './configure-app.js';
import type { Resources } from './resources.js';

const IDLE_CHECK_MS = 50;

/** How to let go of what was opened, in the order in which it was. */
type Stops = (() => Promise<void>)[];

/** By which URLs a prepared database is used. */
interface OpenUrls {
  readonly url: string;
  readonly directUrl: string;
}

/** Opens the application on a prepared database, and lets it serve. Gives the credentials that were generated. */
export async function openApp(
  config: AppConfig,
  urls: OpenUrls,
  stops: Stops,
): Promise<GeneratedAdmins> {
  const resources = await openResources(config, urls, stops);
  const app = await createApp(resources);
  stops.push(() => closeApp(app));
  await serveReference(app, config.publicUrl);
  await app.init();
  const { adminCredential: client, adminPerson: person } = config;
  const generated = await app.get(FirstAdmins).ensure({ client, person });
  await app.listen(config.port, config.host);
  return generated;
}

/**
 * Answers what is under way, then ends. A connection that was busy when the end began is closed as
 * soon as it is idle: its client would keep it open for another minute, and us with it.
 */
async function closeApp(app: NestFastifyApplication): Promise<void> {
  const timer = setInterval(() => {
    app.getHttpServer().closeIdleConnections();
  }, IDLE_CHECK_MS);
  try {
    await app.close();
  } finally {
    clearInterval(timer);
  }
}

async function openResources(
  config: AppConfig,
  { url, directUrl }: OpenUrls,
  stops: Stops,
): Promise<Resources> {
  const clock = new SystemClock();
  const { poolSize, preparedStatements } = config.database;
  const database = new Database({ url, poolSize, preparedStatements });
  stops.push(() => database.close());
  const masterKey = await masterKeyOf(config, database);
  const feed = new ChangeFeed(database, clock, directUrl);
  stops.push(() => feed.stop());
  await feed.start();
  const outbound = new SafeOutbound(config.outbound);
  const txt = new SystemTxtResolver();
  const mailer = mailerOf(config);
  stops.push(() => mailer.close());
  return { config, clock, masterKey, database, feed, outbound, txt, mailer };
}

/** The settings' own; else the key service's; else, for development, the data directory's. */
async function masterKeyOf(config: AppConfig, database: Database): Promise<MasterKey> {
  const { masterKey, masterKeyFile, kms, dataDir } = config;
  if (masterKey) return new MasterKey(masterKey);
  if (masterKeyFile !== null) return masterKeyOfFile(masterKeyFile);
  if (kms) return masterKeyByKms(database, kms);
  return masterKeyOfDirectory(dataDir);
}
