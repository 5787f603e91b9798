import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import pg from 'pg';

import { EmbeddedPostgres, migrate } from '@tenantry/database';

const PRISMA_DIR = fileURLToPath(new URL('../../prisma', import.meta.url));

/** A migrated database, and the login that no policy holds. */
export interface BenchDatabase {
  readonly url: string;
  readonly superuserUrl: string;
}

/** A PostgreSQL server of this run alone, as durable as it comes, in a folder that goes with it. */
export class BenchServer {
  private constructor(
    private readonly dataDir: string,
    private readonly server: EmbeddedPostgres,
  ) {}

  static async start(): Promise<BenchServer> {
    const dataDir = await mkdtemp(join(tmpdir(), 'tenantry-bench-'));
    return new BenchServer(dataDir, await EmbeddedPostgres.start({ dataDir }));
  }

  async createDatabase(name: string): Promise<BenchDatabase> {
    const login = decodeURIComponent(new URL(this.server.url).username);
    await withSuperuser(this.server.superuserUrl, async (client) => {
      await client.query(`create database ${name} owner ${client.escapeIdentifier(login)}`);
    });
    const url = withName(this.server.url, name);
    await migrate({ url, login, prismaDir: PRISMA_DIR });
    return { url, superuserUrl: withName(this.server.superuserUrl, name) };
  }

  async remove(): Promise<void> {
    await this.server.stop();
    await EmbeddedPostgres.remove(this.dataDir);
    await rm(this.dataDir, { recursive: true, force: true });
  }
}

/** One connection as the superuser, for as long as `work` lasts. */
export async function withSuperuser<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function withName(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
