import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';

import { ControlPlaneProcess } from './control-plane-process.js';
import { eventually } from './eventually.js';
import { type Answer, type Request, send, textOf } from './send.js';

/** A text that stands nowhere but where somebody put it. */
const canary = (of: string): string => `canary-${of}-${randomBytes(9).toString('hex')}`;

/** Files are searched in pieces that overlap: a data directory is larger than what one would hold at once. */
const CHUNK_BYTES = 4_194_304;

describe('values that were planted to be found', () => {
  const masterKey = randomBytes(32);
  const planted = {
    text: canary('text'),
    bytes: canary('bytes'),
    destroyed: canary('destroyed'),
    refused: canary('refused'),
    malformed: canary('malformed'),
    unknownField: canary('field'),
    tampered: canary('tampered'),
    twice: canary('twice'),
  };
  /** No secret: what is found of it shows that the search finds. */
  const control = canary('label');
  let folder: string;
  let reports: string;
  let running: ControlPlaneProcess;
  let token: string;
  let database: pg.Client;
  let clusterFolder = '';
  /** What the API itself has written down of all this, as people read it. */
  let trail: string;
  let metrics: string;
  const revealed: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tenantry-canaries-'));
    reports = join(folder, 'reports');
    await mkdir(reports);
    running = await ControlPlaneProcess.start({
      settings: {
        TENANTRY_DATA_DIR: join(folder, 'data'),
        TENANTRY_MASTER_KEY: masterKey.toString('base64'),
        LOG_LEVEL: 'trace',
        NODE_OPTIONS: `--report-on-signal --report-signal=SIGUSR2 --report-directory=${reports}`,
      },
    });
    token = await running.token();
    database = await superuser();
    await plant();
    await crashReport();
    await database.query('checkpoint');
    await database.end();
    await running.stop();
  });
  afterAll(async () => {
    await ControlPlaneProcess.endAll();
    await rm(folder, { recursive: true, force: true });
    if (clusterFolder) await rm(clusterFolder, { recursive: true, force: true });
  });

  const ask = (method: string, path: string, given: Partial<Request> = {}): Promise<Answer> =>
    send(running.url, { method, path, token, ...given });

  /** The embedded server's own, told to write down every statement with every parameter. */
  const superuser = async (): Promise<pg.Client> => {
    const text = await readFile(join(folder, 'data', 'postgres.json'), 'utf8');
    const { superuserPassword: password } = JSON.parse(text) as { superuserPassword: string };
    const cluster = /^ {2}database +embedded, in (.+)$/m.exec(running.stdout)?.[1] ?? '';
    const [, , , port = ''] = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
    const client = new pg.Client({
      connectionString: `postgresql://postgres:${password}@127.0.0.1:${port}/tenantry`,
    });
    await client.connect();
    for (const setting of [
      "log_statement = 'all'",
      'log_parameter_max_length = -1',
      'log_parameter_max_length_on_error = -1',
      'log_min_duration_statement = 0',
    ]) {
      await client.query(`alter system set ${setting}`);
    }
    await client.query('select pg_reload_conf()');
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    clusterFolder = dirname(rows[0]?.data_directory ?? '');
    return client;
  };

  const plant = async (): Promise<void> => {
    const made = await ask('POST', '/v1/tenants', { body: { slug: 'acme', displayName: 'Acme' } });
    const at = `/v1/tenants/${textOf(made, 'id')}`;
    const account = { body: { name: 'root', roles: ['tenant-admin'] } };
    const service = await ask('POST', `${at}/service-accounts`, account);
    token = await running.token(service.json as { clientId: string; clientSecret: string });
    const secrets = `${at}/secrets`;
    const put = (name: string, body: object): Promise<Answer> =>
      ask('PUT', `${secrets}/${name}`, { body, headers: { 'idempotency-key': `put-${name}` } });

    await put('text', { value: planted.text, labels: { a: control } });
    await put('bytes', { value: { base64: Buffer.from(planted.bytes).toString('base64') } });
    await put('gone', { value: planted.destroyed });
    await put('twice', { value: planted.twice });
    await put('twice', { value: 'the second' });
    await put('tampered', { value: planted.tampered });
    await put('..', { value: planted.refused });
    await put('text', { value: planted.refused, expiresAt: 'never' });
    await put('text', { value: 'a', note: planted.unknownField });
    await put('text', { value: [planted.refused] });
    await ask('PUT', `${secrets}/text`, {
      raw: `{"value": "${planted.malformed}", }`,
      headers: { 'content-type': 'application/json' },
    });
    await ask('PUT', `${secrets}/text`, {
      raw: `value=${planted.malformed}`,
      headers: { 'content-type': 'text/plain' },
    });
    await ask('POST', `${secrets}/gone/versions/1/destroy`);
    const headers = { 'idempotency-key': 'k' };
    await ask('POST', `${secrets}/twice/rollback`, { body: { version: 1 }, headers });
    await database.query(`update secret_versions set sealed = substr(sealed, 1, 40)
      where secret_id = (select id from secrets where name = 'tampered')`);
    const reveals = [
      await ask('GET', `${secrets}/text/value`),
      await ask('GET', `${secrets}/bytes/value`),
      await ask('GET', `${secrets}/twice/value`),
      await ask('POST', `${secrets}/reveal`, { body: { names: ['text', 'twice'] }, headers }),
    ];
    revealed.push(...reveals.map(({ text }) => text));
    const failed = [
      await ask('GET', `${secrets}/tampered/value`),
      await ask('GET', `${secrets}/gone/value`),
    ];
    expect(failed.map(({ status }) => status)).toEqual([500, 404]);
    await ask('POST', `${secrets}/rewrap`);
    trail = (await ask('GET', `${at}/audit/events?limit=200`)).text;
    metrics = await (await fetch(running.metricsUrl)).text();
  };

  /** What Node writes when a process crashes: stacks, heap, and the environment. */
  const crashReport = async (): Promise<void> => {
    running.signal('SIGUSR2');
    await eventually(
      () => readdir(reports).catch(() => []),
      (files) => files.length > 0,
    );
  };

  it('were there to be found: whoever may, has read them', () => {
    const all = revealed.join('\n');

    expect(all).toContain(planted.text);
    expect(all).toContain(Buffer.from(planted.bytes).toString('base64'));
    expect(all).toContain(planted.twice);
    expect(trail).toContain('secret.revealed');
    expect(metrics).toContain('tenantry_http_request_seconds');
  });

  it('stand in no line of the log, no metric and no record', () => {
    const told = [running.stdout, running.stderr, metrics, trail].map((text) => Buffer.from(text));

    expect(running.stdout).toContain('/v1/tenants/:tenant/secrets/:secret');
    expect(told.flatMap(foundIn)).toEqual([]);
  });

  it('stand nowhere in what is on the disk: tables, journal and log of the database', async () => {
    const files = await filesOf(clusterFolder);
    const found: string[] = [];
    let controls = 0;
    for (const file of files) {
      for await (const chunk of chunksOf(file)) {
        found.push(...foundIn(chunk).map((name) => `${name} in ${file}`));
        if (chunk.includes(control)) controls += 1;
      }
    }

    expect(found).toEqual([]);
    // In the table, in the journal and, as a parameter, in the log of the server.
    expect(controls).toBeGreaterThan(2);
  });

  it('stand in no crash report, and neither does the master key', async () => {
    const [name = ''] = await readdir(reports);
    const report = await readFile(join(reports, name));

    expect(report.toString()).toContain('environmentVariables');
    expect(foundIn(report)).toEqual([]);
    expect(report.includes(masterKey.toString('base64'))).toBe(false);
  });

  /** Which of them stand in it, in clear or in any spelling of their bytes. */
  const foundIn = (bytes: Buffer): string[] =>
    Object.entries(planted)
      .filter(([, text]) => spellingsOf(text).some((spelling) => bytes.includes(spelling)))
      .map(([name]) => name);
});

/** As it is, in hexadecimal, and in base64 at each of its three alignments. */
function spellingsOf(text: string): string[] {
  const hex = Buffer.from(text).toString('hex');
  const base64 = [0, 1, 2].map((shift) =>
    Buffer.from(' '.repeat(shift) + text)
      .toString('base64')
      .slice(4, -4),
  );
  return [text, hex, hex.toUpperCase(), ...base64];
}

async function filesOf(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}

async function* chunksOf(file: string): AsyncGenerator<Buffer> {
  const { size } = await stat(file);
  const bytes = await readFile(file);
  for (let at = 0; at < size; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES + 256);
}
