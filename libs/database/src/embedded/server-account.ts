import { EmbeddedPostgresFailed } from './embedded-postgres-failed.js';
import { runProgram } from './run-program.js';

const USER = 'postgres';

/** The system user that PostgreSQL runs as where that is not ourselves. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** PostgreSQL refuses to run as root: then it is the user postgres, made if there is none. */
export async function serverAccount(): Promise<ServerAccount | null> {
  if (process.getuid?.() !== 0) return null;

  const account = (await findAccount()) ?? (await makeAccount());
  if (account) return account;
  throw new EmbeddedPostgresFailed(
    `PostgreSQL does not run as root, and its system user ${USER} could not be made: run Tenantry as an ordinary user, or set DATABASE_URL.`,
  );
}

async function findAccount(): Promise<ServerAccount | null> {
  try {
    const uid = Number(await runProgram('id', ['-u', USER]));
    const gid = Number(await runProgram('id', ['-g', USER]));
    return uid > 0 && gid > 0 ? { uid, gid } : null;
  } catch {
    return null;
  }
}

async function makeAccount(): Promise<ServerAccount | null> {
  const ways = [
    ['useradd', '--system', '--no-create-home', '--shell', '/usr/sbin/nologin', USER],
    // BusyBox, as in Alpine.
    ['adduser', '-S', '-D', '-H', USER],
  ] as const;

  for (const [program, ...args] of ways) {
    // The next way is tried, and what counts is whether the user exists in the end.
    await runProgram(program, args).catch(() => undefined);
    const account = await findAccount();
    if (account) return account;
  }
  return null;
}
