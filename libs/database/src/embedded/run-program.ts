import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/**
 * What every program is given to see of the environment.
 *
 * Ours holds secrets, which the user postgres could read in /proc, and perhaps PG* variables.
 */
export const BARE_ENVIRONMENT = {
  PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
} as const;

/** Runs a program to its end and returns what it printed; rejects when it fails or cannot run. */
export async function runProgram(
  program: string,
  args: readonly string[],
  account: { readonly uid: number; readonly gid: number } | null = null,
): Promise<string> {
  // The folder we stand in may be closed to the other user.
  const { stdout } = await execute(program, args, { cwd: '/', env: BARE_ENVIRONMENT, ...account });
  return stdout;
}
