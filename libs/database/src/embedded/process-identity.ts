import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';

import { hasCode } from './system-error.js';

/** A process that a later one with the same id is not taken for. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Clock ticks since boot; `null` where the system does not tell. */
  readonly startedAt: string | null;
}

/** The living process of that id, or `null`. A zombie is dead: it only waits to be collected. */
export function identityOf(pid: number): ProcessIdentity | null {
  const stat = readProc(pid, 'stat');
  if (stat === null) return takesSignals(pid) ? { pid, startedAt: null } : null;

  // The second field, the name, may itself hold blanks and parentheses.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  return { pid, startedAt: fields[18] ?? null };
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  const current = identityOf(pid);
  if (!current) return false;
  return startedAt === null || current.startedAt === null || current.startedAt === startedAt;
}

/** Whether that process is the postmaster of that very data directory, and not a later stranger. */
export function isServerOf(pid: number, cluster: string): boolean {
  if (!identityOf(pid)) return false;
  const commandLine = readProc(pid, 'cmdline');
  if (commandLine === null) return listedCommand(pid).includes(`/postgres -D ${cluster} `);

  const [program = '', flag, directory] = commandLine.split('\0');
  return basename(program) === 'postgres' && flag === '-D' && directory === cluster;
}

function readProc(pid: number, file: 'stat' | 'cmdline'): string | null {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return null;
  }
}

function takesSignals(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return hasCode(error, 'EPERM');
  }
}

function listedCommand(pid: number): string {
  try {
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
  } catch {
    return '';
  }
}
