import 'reflect-metadata';

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { readConfig } from '@tenantry/config';
import { MasterKey } from '@tenantry/crypto';
import { ChangeFeed, Database } from '@tenantry/database';
import { SystemClock } from '@tenantry/kernel';
import { mailerOf } from '@tenantry/mail';
import { SafeOutbound, SystemTxtResolver } from '@tenantry/outbound';
import { createApp } from './configure-app.js';
import { describeApi } from './describe-api.js';
import { projectRoot } from './project-root.js';

/** Writes openapi.json from the built application, or, with `--check`, says whether it has drifted. */
const path = join(projectRoot(), 'openapi.json');
const text = `${JSON.stringify(await describe(), null, 2)}\n`;
if (process.argv.includes('--check')) {
  const kept = await readFile(path, 'utf8').catch(() => '');
  if (kept !== text) {
    process.stderr.write('openapi.json is not what the routes say: run npm run openapi.\n');
    process.exit(1);
  }
} else {
  await writeFile(path, text);
}
process.exit(0);

/** The application is made, not started: nothing is connected to. */
async function describe(): Promise<object> {
  const config = readConfig({ LOG_LEVEL: 'error', METRICS_PORT: '0' });
  const clock = new SystemClock();
  const url = 'postgresql://nobody@localhost/nothing';
  const database = new Database({ url, poolSize: 2, preparedStatements: false });
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
  return describeApi(app);
}
