/** Ends a Postgres that an earlier run left in a cluster's folder. */
import { basename, join } from 'node:path';
import { readIfExists } from '../files.ts';
import {
  endProcess,
  identityOf,
  linkOf,
  type ProcessIdentity,
  processesIn,
} from '../supervisor/processes.ts';

/** Postgres finishes a fast shutdown in milliseconds; a busy disk may take longer. */
const STOP_GRACE_MS = 10_000;

/**
 * Ends the postmaster of the folder, and backends that have lost theirs. Only processes that provably
 * belong to it.
 *
 * Call it under the platform's lock.
 *
 * @param folder absolute, without symbolic links.
 */
export async function endPostgresIn(folder: string): Promise<void> {
  const postmaster = await leftPostmaster(folder);
  if (postmaster !== undefined) {
    await endProcess(postmaster, { signal: 'SIGINT', graceMs: STOP_GRACE_MS });
  }
  // A backend that was busy when its postmaster died holds the shared memory, and blocks the start.
  await Promise.all(
    postgresIn(folder).map((backend) => endProcess(backend, { signal: 'SIGKILL', graceMs: 0 })),
  );
}

async function leftPostmaster(folder: string): Promise<ProcessIdentity | undefined> {
  const text = await readIfExists(join(folder, 'postmaster.pid'));
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isSafeInteger(pid) || pid < 2) return undefined;
  if (process.platform === 'linux') return postgresIn(folder).find((each) => each.pid === pid);
  const identity = identityOf(pid);
  return identity?.command.includes(folder) ? identity : undefined;
}

// Postgres lives in its data folder: its working directory and its program prove whose it is.
function postgresIn(folder: string): readonly ProcessIdentity[] {
  return processesIn(folder).filter(({ pid }) => {
    const program = linkOf(`/proc/${pid}/exe`)?.replace(/ \(deleted\)$/, '');
    return program !== undefined && basename(program) === 'postgres';
  });
}
