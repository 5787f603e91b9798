import { resolve, sep } from 'node:path';

import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { textOf } from './system-error.js';

const PASSWORD_REFUSED = '28P01';

/** Tells any failure of a start in one line that an operator can act on. */
export function toFailure(error: unknown, dataDir: string): EmbeddedPostgresFailed {
  if (error instanceof EmbeddedPostgresFailed) return error;

  const options = { cause: error };
  const code = textOf(error, 'code');
  if (code === PASSWORD_REFUSED) {
    return new EmbeddedPostgresFailed(
      `The embedded PostgreSQL refuses the password kept in ${dataDir}: restore that folder, or set TENANTRY_DATA_DIR to another one.`,
      options,
    );
  }
  const path = textOf(error, 'path');
  if (code !== null && path !== null) {
    return new EmbeddedPostgresFailed(
      isWithin(path, dataDir)
        ? `The data folder ${dataDir} cannot be used (${code}): make it writable for this user, or set TENANTRY_DATA_DIR to another folder.`
        : `The embedded PostgreSQL cannot use ${path} (${code}): make it writable, or set DATABASE_URL to a PostgreSQL server of your own.`,
      options,
    );
  }
  const message = textOf(error, 'message') ?? 'unknown failure';
  return new EmbeddedPostgresFailed(`The embedded PostgreSQL did not start: ${message}`, options);
}

/** A folder above the data folder counts too: it is there because of it. */
function isWithin(path: string, dataDir: string): boolean {
  const folder = resolve(dataDir);
  return `${path}${sep}`.startsWith(`${folder}${sep}`) || folder.startsWith(`${path}${sep}`);
}
