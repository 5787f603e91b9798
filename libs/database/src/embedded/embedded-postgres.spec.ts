import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { openHome } from './data-folder.js';
import {
  EmbeddedPostgres,
  EmbeddedPostgresFailed,
  type EmbeddedPostgresOptions,
} from './embedded-postgres.js';
import { identityOf, isServerOf } from './process-identity.js';
import { serverAccount } from './server-account.js';

const DEAD_PID = 2 ** 30;
const isRoot = process.getuid?.() === 0;

describe('EmbeddedPostgres', () => {
  /** As root it lies in a home that the user postgres cannot enter. */
  let dataDir: string;
  let lines: string[];
  const running: EmbeddedPostgres[] = [];
  const strangers: ChildProcess[] = [];

  beforeAll(async () => {
    dataDir = await mkdtemp(join(homedir(), '.tenantry-spec-'));
  });

  afterEach(async () => {
    for (const server of running.splice(0)) await server.stop();
    for (const stranger of strangers.splice(0)) stranger.kill('SIGKILL');
  });

  afterAll(async () => {
    await EmbeddedPostgres.remove(dataDir);
    await rm(dataDir, { recursive: true });
  });

  async function start(options: Partial<EmbeddedPostgresOptions> = {}): Promise<EmbeddedPostgres> {
    lines = [];
    const server = await EmbeddedPostgres.start({
      dataDir,
      settings: { fsync: 'off' },
      log: (line) => lines.push(line),
      ...options,
    });
    running.push(server);
    return server;
  }

  /** Lets the next start believe that the process that holds the folder was killed. */
  async function forgetHolder(): Promise<void> {
    const dead = { pid: DEAD_PID, startedAt: null };
    await writeFile(join(dataDir, 'lock.json'), JSON.stringify(dead));
  }

  it('starts in a private folder although an earlier initialisation was cut short', async () => {
    const home = await openHome(dataDir, await serverAccount());
    await mkdir(join(home, 'postgres.new-killed'));
    await writeFile(join(home, 'postgres.new-killed', 'PG_VERSION'), '18');
    await writeFile(join(home, 'postgres.new-killed.password'), 'secret');

    const server = await start();

    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await readdir(home)).sort()).toEqual(
      isRoot
        ? ['postgres', 'postgres.log']
        : ['lock.json', 'postgres', 'postgres.json', 'postgres.log'],
    );
  });

  it('closes the data folder to others, and keeps its cluster where the server can reach it', async () => {
    const server = await start();

    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
    expect((await stat(join(dataDir, 'postgres.json'))).mode & 0o777).toBe(0o600);
    expect(server.dataDirectory.startsWith(isRoot ? '/var/lib/tenantry/' : dataDir)).toBe(true);
  });

  it('keeps its data over a stop and a start, and leaves no lock and no password file', async () => {
    const first = await start();
    await query(first.url, `create table notes as select 'kept' as note`);

    await first.stop();
    const left = [...(await readdir(dataDir)), ...(await readdir(dirname(first.dataDirectory)))];
    const second = await start();

    expect(left.filter((name) => /lock|password|new-/.test(name))).toEqual([]);
    expect(await query(second.url, 'select note from notes')).toEqual([{ note: 'kept' }]);
  });

  it('offers a login that owns its database, makes roles and databases, and is no superuser', async () => {
    const server = await start();

    const rows = await query(
      server.url,
      `select rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb,
              datname, encoding = pg_char_to_encoding('UTF8') as utf8
         from pg_roles join pg_database on datdba = pg_roles.oid
        where rolname = current_user and datname = current_database()`,
    );

    expect(rows).toEqual([
      {
        rolname: 'tenantry',
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: true,
        rolcreatedb: true,
        datname: 'tenantry',
        utf8: true,
      },
    ]);
  });

  it('listens on the loopback alone, demands the password, and writes none to its log', async () => {
    const server = await start();
    const { password, port } = new URL(server.url);

    const settings = await query(
      server.superuserUrl,
      `select current_setting('listen_addresses') as addresses,
              current_setting('unix_socket_directories') as sockets`,
    );
    const guess = query(`postgresql://tenantry:guess@127.0.0.1:${port}/tenantry`, 'select 1');

    expect(settings).toEqual([{ addresses: '127.0.0.1', sockets: '' }]);
    await expect(guess).rejects.toMatchObject({ code: '28P01' });
    const log = await readFile(join(dirname(server.dataDirectory), 'postgres.log'), 'utf8');
    expect(log).not.toContain(password);
    expect(log).not.toContain(new URL(server.superuserUrl).password);
  });

  it('is refused while another instance holds the folder', async () => {
    await start();

    const second = EmbeddedPostgres.start({ dataDir, lockWaitMs: 0 });

    await expect(second).rejects.toEqual(
      new EmbeddedPostgresFailed(
        `${dataDir} is in use by another running instance (process ${process.pid}). Stop it, or set TENANTRY_DATA_DIR to another folder.`,
      ),
    );
  });

  it('replaces the server that a killed instance left running', async () => {
    const abandoned = await start();
    await query(abandoned.url, `create table survivors as select 'kept' as note`);
    const abandonedPid = await postmasterOf(abandoned);
    await forgetHolder();

    const server = await start();

    expect(lines.join()).toContain(`process ${abandonedPid}`);
    expect(identityOf(abandonedPid)).toBeNull();
    expect(isServerOf(await postmasterOf(server), server.dataDirectory)).toBe(true);
    expect(await query(server.url, 'select note from survivors')).toEqual([{ note: 'kept' }]);
  });

  it('lets a stranger live that has got the process id of a dead server', async () => {
    const first = await start();
    const record = await readFile(join(first.dataDirectory, 'postmaster.pid'), 'utf8');
    await first.stop();
    const stranger = spawn('sleep', ['60'], { stdio: 'ignore', ...(await serverAccount()) });
    strangers.push(stranger);
    await once(stranger, 'spawn');
    const stale = record.replace(/^\d+/, String(stranger.pid));
    await writeFile(join(first.dataDirectory, 'postmaster.pid'), stale);

    const server = await start();

    expect(identityOf(stranger.pid ?? 0)).not.toBeNull();
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('tells when the server ends though nobody stopped it', async () => {
    let tell: (reason: string) => void = () => undefined;
    const told = new Promise<string>((resolve) => (tell = resolve));
    const server = await start({ onExit: tell });

    process.kill(await postmasterOf(server), 'SIGQUIT');

    expect(await told).toMatch(/^PostgreSQL ended unexpectedly: /);
  });

  it('says in one line why the server does not start, and lets go of the folder', async () => {
    const failing = start({ settings: { shared_buffers: 'plenty' } });

    await expect(failing).rejects.toThrow(
      /^PostgreSQL did not start: .*invalid value for parameter "shared_buffers": "plenty"$/,
    );
    expect(await readdir(dataDir)).not.toContain('lock.json');
  });

  it('names the variable when the data folder cannot be one', async () => {
    const file = join(dataDir, 'a-file');
    await writeFile(file, '');

    const failing = start({ dataDir: join(file, 'data') });

    await expect(failing).rejects.toThrow(/\(ENOTDIR\).*TENANTRY_DATA_DIR/);
    await rm(file);
  });

  it('begins anew when the data folder was emptied, and keeps the old cluster aside', async () => {
    const first = await start();
    await first.stop();
    await rm(join(dataDir, 'postgres.json'));

    const server = await start();

    const tables = await query(server.url, `select from pg_tables where tablename = 'notes'`);
    expect(tables).toEqual([]);
    expect(existsSync(`${server.dataDirectory}.old`)).toBe(true);
  });

  it('deletes what it made, here and elsewhere, and nothing else', async () => {
    const server = await start();
    const home = dirname(server.dataDirectory);
    await server.stop();
    await writeFile(join(dataDir, 'master.key'), 'not ours');

    await EmbeddedPostgres.remove(dataDir);

    expect(await readdir(dataDir)).toEqual(['master.key']);
    expect(existsSync(home)).toBe(!isRoot);
  });
});

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  // A server that is shut down tells its clients, and nobody else would listen.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function postmasterOf({ dataDirectory }: EmbeddedPostgres): Promise<number> {
  return parseInt(await readFile(join(dataDirectory, 'postmaster.pid'), 'utf8'), 10);
}
