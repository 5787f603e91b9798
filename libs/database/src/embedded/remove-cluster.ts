import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { clusterIn } from './cluster.js';
import { CREDENTIALS_FILE, homeOf } from './data-folder.js';
import { stopAbandoned } from './postmaster-file.js';
import { serverAccount } from './server-account.js';

/** Deletes what a server made of a data folder that we hold; other files in it stay. */
export async function removeCluster(folder: string): Promise<void> {
  const account = await serverAccount();
  const home = homeOf(folder, account);
  const cluster = clusterIn(home);
  await stopAbandoned(cluster, () => undefined);

  // The passwords go last: without them the cluster counts as emptied by hand.
  const ours = account ? [home] : [cluster, `${cluster}.old`, join(home, 'postgres.log')];
  for (const path of [...ours, join(folder, CREDENTIALS_FILE)]) {
    await rm(path, { recursive: true, force: true });
  }
}
