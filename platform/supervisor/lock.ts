/** One platform per data folder, whatever way the last one ended. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { PlatformError } from '../errors.ts';
import { privateFolder } from '../files.ts';
import { isAlive } from './processes.ts';
import { readState } from './state.ts';

export interface Lock {
  release(): void;
}

/**
 * Takes the data folder for this process.
 *
 * The lock is the kernel's own (a POSIX record lock, which SQLite takes for us since Node has no
 * call for it), so it ends with the process, also at kill -9, and there is no stale lock to judge.
 * Not for folders on network file systems without locks.
 *
 * @throws PlatformError naming the pid that has it.
 */
export async function takeLock(dataDir: string): Promise<Lock> {
  await privateFolder(join(dataDir, 'run'));
  const file = new DatabaseSync(join(dataDir, 'run', 'lock'));
  try {
    file.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (cause) {
    file.close();
    if (!(cause instanceof Error && /locked/.test(cause.message))) throw cause;
    throw await inUse(dataDir, cause);
  }
  return { release: () => file.close() };
}

async function inUse(dataDir: string, cause: Error): Promise<PlatformError> {
  const { supervisor } = await readState(dataDir);
  const pid = supervisor !== undefined && isAlive(supervisor) ? supervisor.pid : undefined;
  return new PlatformError(
    `${dataDir} is in use by a running platform${pid === undefined ? '' : ` (pid ${pid})`}.`,
    `Stop it with Ctrl-C where it runs, or with "gatehouse down"${pid === undefined ? '' : ` (kill ${pid})`}. Or start a second one beside it: --data DIR --port-offset N.`,
    { cause },
  );
}
