import { join } from 'node:path';

import type { AppConfig } from '@tenantry/config';
import { assertIsolation, EmbeddedPostgres, migrate } from '@tenantry/database';
import { projectRoot } from './project-root.js';
import { StepFailed } from './start-failure.js';

/** A control plane that serves, and how to stop it. */
export interface RunningControlPlane {
  readonly url: string;
  /** The first platform admins, given once, when they were just made. */
  readonly generated: {
    readonly client: { readonly clientId: string; readonly clientSecret: string } | null;
    readonly person: { readonly email: string; readonly password: string } | null;
  };
  readonly embeddedAt: string | null;
  /** Finishes what is under way, then lets go of everything in reverse order. */
  stop(): Promise<void>;
}

export interface StartOptions {
  readonly log: (line: string) => void;
  /** Called when something that the process rests on has ended by itself. */
  readonly onFailure: (reason: string) => void;
}

/** Starts everything, in order; where a step fails, what was started is stopped again. */
export async function start(
  config: AppConfig,
  { log, onFailure }: StartOptions,
): Promise<RunningControlPlane> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const step of stops.splice(0).reverse()) {
      // A step that fails must not keep the next from being taken: the last stops PostgreSQL.
      await step().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  };
  try {
    // While our own PostgreSQL comes up, the application is read; a failure to read it is met below.
    if (config.database.url === null) void import('./open-app.js').catch(() => undefined);
    const embedded =
      config.database.url === null ? await startEmbedded(config, log, onFailure) : null;
    if (embedded) stops.push(() => embedded.stop());
    const urls = urlsOf(config, embedded);
    await prepareDatabase(config, urls, log);
    // Otherwise only now: a foreign database that refuses is reported before the application is read.
    const { openApp } = await import('./open-app.js');
    const generated = await openApp(config, urls, stops);
    return {
      url: config.publicUrl,
      generated,
      embeddedAt: embedded?.dataDirectory ?? null,
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

interface DatabaseUrls {
  readonly url: string;
  readonly directUrl: string;
  readonly migrationUrl: string;
}

async function startEmbedded(
  { dataDir }: AppConfig,
  log: (line: string) => void,
  onExit: (reason: string) => void,
): Promise<EmbeddedPostgres> {
  return EmbeddedPostgres.start({ dataDir, log, onExit });
}

function urlsOf({ database }: AppConfig, embedded: EmbeddedPostgres | null): DatabaseUrls {
  const url = database.url ?? embedded?.url ?? '';
  const directUrl = database.directUrl ?? url;
  return { url, directUrl, migrationUrl: database.migrationUrl ?? directUrl };
}

async function prepareDatabase(
  config: AppConfig,
  { url, migrationUrl }: DatabaseUrls,
  log: (line: string) => void,
): Promise<void> {
  const login = decodeURIComponent(new URL(url).username);
  const prismaDir = join(projectRoot(), 'prisma');
  try {
    const applied = await migrate({ url: migrationUrl, prismaDir, ...(login ? { login } : {}) });
    if (applied.length > 0) log(`Migrated the database: ${applied.join(', ')}.`);
  } catch (error) {
    throw new StepFailed(migrationSettingOf(config), error);
  }
  await assertIsolation(url, config.isProduction);
}

/** The setting by which the migrations reached the database. */
function migrationSettingOf({ database }: AppConfig): string {
  const { url, directUrl, migrationUrl } = database;
  if (migrationUrl !== directUrl) return 'DATABASE_MIGRATION_URL';
  return directUrl === url ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL';
}
