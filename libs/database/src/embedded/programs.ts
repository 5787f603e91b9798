import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';

import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { hasCode, textOf } from './system-error.js';

const require = createRequire(import.meta.url);

/** One installed build of PostgreSQL: a folder with bin, lib and share. */
export class Programs {
  constructor(
    readonly folder: string,
    readonly name: string,
  ) {}

  get initdb(): string {
    return join(this.folder, 'bin', 'initdb');
  }

  get postgres(): string {
    return join(this.folder, 'bin', 'postgres');
  }
}

/** The build that npm installed for this machine. */
export async function installedPrograms(): Promise<Programs> {
  const platform = `${process.platform}-${process.arch}`;
  const packageFolder = findPackage(platform);
  const folder = join(packageFolder, 'native');
  await restoreLinks(packageFolder);
  return new Programs(folder, `postgresql-${await versionOf(packageFolder)}-${platform}`);
}

/** Looked up from where embedded-postgres stands: it is that package's dependency, not ours. */
function findPackage(platform: string): string {
  try {
    const parent = require.resolve('embedded-postgres');
    const entry = createRequire(parent).resolve(`@embedded-postgres/${platform}`);
    return dirname(dirname(entry));
  } catch (cause) {
    throw new EmbeddedPostgresFailed(
      `No embedded PostgreSQL is installed for ${platform}: install with optional dependencies, or set DATABASE_URL.`,
      { cause },
    );
  }
}

async function versionOf(packageFolder: string): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(packageFolder, 'package.json'), 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

/** npm drops symbolic links; the package's install script, which some forbid, restores them. */
async function restoreLinks(packageFolder: string): Promise<void> {
  for (const { source, target } of await readLinks(packageFolder)) {
    await symlink(basename(source), join(packageFolder, target)).catch((error: unknown) => {
      // There already, or not ours to write: if a link is really missing, the loader says so.
      if (!['EEXIST', 'EACCES', 'EROFS'].includes(textOf(error, 'code') ?? '')) throw error;
    });
  }
}

async function readLinks(
  packageFolder: string,
): Promise<readonly { readonly source: string; readonly target: string }[]> {
  try {
    const list = await readFile(join(packageFolder, 'native', 'pg-symlinks.json'), 'utf8');
    return JSON.parse(list) as { source: string; target: string }[];
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
