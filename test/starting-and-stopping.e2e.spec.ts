import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { EmbeddedPostgres } from '@tenantry/database';
import { IdentityProvider } from '@tenantry/testing';
import { ControlPlaneProcess, type Credential } from './control-plane-process.js';
import { eventually } from './eventually.js';
import { type Answer, send } from './send.js';

const LIMIT_MS = 120_000;
const isRoot = process.getuid?.() === 0;

describe('a control plane with its own PostgreSQL', () => {
  /** As root it lies in a home that the user postgres cannot enter. */
  let dataDir: string;
  let idp: IdentityProvider;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(isRoot ? homedir() : tmpdir(), '.tenantry-process-'));
    idp = await IdentityProvider.start();
  });
  afterEach(async () => {
    await Promise.all([ControlPlaneProcess.endAll(), idp.close()]);
    await EmbeddedPostgres.remove(dataDir);
    await rm(dataDir, { recursive: true });
  }, LIMIT_MS);

  async function start(): Promise<ControlPlaneProcess> {
    return ControlPlaneProcess.start({ settings: settings(), cwd: dataDir });
  }

  function settings(): Readonly<Record<string, string>> {
    return { TENANTRY_DATA_DIR: dataDir, ALLOW_INSECURE_ISSUERS: 'loopback', LOG_LEVEL: 'warn' };
  }

  it(
    'gives a newcomer a credential that works, finishes what is under way, and leaves nothing running',
    async () => {
      const running = await start();
      const cluster = clusterOf(running);
      const token = await running.token();
      const created = await createTenant(running.publicUrl, token);
      const ready = await send(running.url, { method: 'GET', path: '/readyz' });
      const metrics = await fetch(running.metricsUrl).then((answer) => answer.text());

      idp.hang();
      const slow = send(running.url, {
        method: 'POST',
        path: '/v1/tenants/acme/issuers?wait=first-validation',
        token,
        body: { issuer: idp.issuer, audiences: ['tenantry'] },
      });
      await eventually(
        () => idp.hits.discovery,
        (hits) => hits === 1,
      );
      running.signal('SIGTERM');
      await running.says('Stopping (SIGTERM).');
      await idp.comeUp();

      expect(created.status).toBe(201);
      expect(ready.json).toEqual({
        status: 'up',
        checks: { database: 'up', migrations: 'up', feed: 'up', vault: 'up' },
      });
      expect(metrics).toContain('tenantry_feed_trusted 1');
      await expect(slow).resolves.toMatchObject({
        status: 201,
        json: { issuer: idp.issuer, health: { state: 'healthy' } },
      });
      await expect(running.exited).resolves.toEqual({ code: 0, signal: null });
      expect(running.stderr).toBe('');
      expect(await serversOf(cluster)).toEqual([]);
      expect(existsSync(join(cluster, 'postmaster.pid'))).toBe(false);
    },
    LIMIT_MS,
  );

  it(
    'recovers from kill -9 though the old server still runs, keeps its data, and prints no credential again',
    async () => {
      const first = await start();
      const cluster = clusterOf(first);
      const credential = first.printedCredential;
      await createTenant(first.url, await first.token());
      const [oldServer] = await serversOf(cluster);

      await first.kill();
      const orphans = await serversOf(cluster);
      const second = await start();

      expect(orphans).toEqual([oldServer]);
      expect(await serversOf(cluster)).toEqual([expect.any(Number)]);
      expect(await serversOf(cluster)).not.toEqual([oldServer]);
      expect(await postmasterOf(cluster)).toEqual((await serversOf(cluster))[0]);
      expect(second.printedCredential).toBeNull();
      expect(second.stdout).not.toContain(credential?.clientSecret);
      expect(await slugsOf(second, credential)).toEqual(['acme']);

      const rival = await ControlPlaneProcess.launch({ settings: settings() });
      await expect(rival.exited).resolves.toEqual({ code: 1, signal: null });
      expect(rival.stderr).toMatch(/^tenantry: [^\n]* is in use [^\n]*TENANTRY_DATA_DIR[^\n]*\n$/);

      second.signal('SIGINT');
      await expect(second.exited).resolves.toEqual({ code: 0, signal: null });
      expect(await serversOf(cluster)).toEqual([]);
    },
    LIMIT_MS,
  );
});

async function createTenant(origin: string, token: string): Promise<Answer> {
  return send(origin, {
    method: 'POST',
    path: '/v1/tenants',
    token,
    body: { slug: 'acme', displayName: 'Acme' },
  });
}

async function slugsOf(
  running: ControlPlaneProcess,
  credential: Credential | null,
): Promise<unknown[]> {
  const token = await running.token(credential);
  const { json } = await send(running.url, { method: 'GET', path: '/v1/tenants', token });
  return (json as { readonly items: readonly { readonly slug: string }[] }).items.map(
    ({ slug }) => slug,
  );
}

/** Where the cluster is, as the banner says. */
function clusterOf({ stdout }: ControlPlaneProcess): string {
  const cluster = /^ {2}database +embedded, in (.+)$/m.exec(stdout)?.[1];
  if (!cluster) throw new Error(`The banner names no cluster:\n${stdout}`);
  return cluster;
}

async function postmasterOf(cluster: string): Promise<number> {
  return parseInt(await readFile(join(cluster, 'postmaster.pid'), 'utf8'), 10);
}

/** The PostgreSQL servers that run on a cluster, by process id; its children go by other names. */
async function serversOf(cluster: string): Promise<number[]> {
  const { stdout } = await promisify(execFile)('ps', ['-A', '-o', 'pid=,args=']);
  return stdout
    .split('\n')
    .filter((line) => line.includes(` -D ${cluster} `))
    .map((line) => parseInt(line, 10));
}
