import { join } from 'node:path';

import { clusterIn, initialise, isInitialised, setAside } from './cluster.js';
import { type Credentials, makeCredentials, readCredentials } from './credentials.js';
import { CREDENTIALS_FILE, openHome } from './data-folder.js';
import { prepareLogin } from './login.js';
import { stopAbandoned } from './postmaster-file.js';
import { programsFor } from './reachable-programs.js';
import { serverAccount } from './server-account.js';
import { ServerProcess } from './server-process.js';

export interface ServerWishes {
  readonly log: (line: string) => void;
  readonly onExit: (reason: string) => void;
  readonly settings: Readonly<Record<string, string>>;
}

export interface OpenServer {
  readonly server: ServerProcess;
  readonly cluster: string;
  readonly credentials: Credentials;
}

/** Brings up the server of a data folder that we hold, and makes on the way whatever is missing. */
export async function openServer(folder: string, wishes: ServerWishes): Promise<OpenServer> {
  const { log, settings } = wishes;
  const account = await serverAccount();
  const programs = await programsFor(account, log);
  const home = await openHome(folder, account);
  if (account) log(`PostgreSQL does not run as root: it runs as the user postgres, in ${home}.`);

  const cluster = clusterIn(home);
  const credentials = await credentialsFor(folder, cluster, log);
  if (!(await isInitialised(cluster))) {
    log(`Initialising PostgreSQL in ${cluster}.`);
    const isDurable = settings['fsync'] !== 'off';
    const { superuserPassword } = credentials;
    await initialise(home, { cluster, programs, account, superuserPassword, isDurable });
  }
  const server = await ServerProcess.launch({ ...wishes, cluster, programs, account });
  try {
    await prepareLogin(server.port, credentials);
    return { server, cluster, credentials };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/**
 * The passwords of this folder.
 *
 * Where they are gone but a cluster is there, somebody emptied the data folder, and as root the
 * cluster lay elsewhere: they mean to begin anew, but what they have is not deleted behind their back.
 */
async function credentialsFor(
  folder: string,
  cluster: string,
  log: (line: string) => void,
): Promise<Credentials> {
  const path = join(folder, CREDENTIALS_FILE);
  const kept = await readCredentials(path);
  if (kept) return kept;

  if (await isInitialised(cluster)) {
    await stopAbandoned(cluster, log);
    log(`${path} is gone: starting empty, with the old data kept in ${await setAside(cluster)}.`);
  }
  return makeCredentials(path);
}
