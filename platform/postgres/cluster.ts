/** The embedded Postgres: one cluster in `<data>/postgres`, for this machine alone. */
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { PlatformError } from '../errors.ts';
import { readIfExists, readOrCreate } from '../files.ts';
import {
  type Binaries,
  type Command,
  findBinaries,
  type RunAs,
  runAs,
  wrapped,
} from './binaries.ts';
import { endPostgresIn } from './leftovers.ts';

// The builtin provider needs no locale of the machine. Both: a slim machine has neither LANG nor ICU.
const INITDB_FLAGS = [
  '--auth=scram-sha-256',
  '--username=postgres',
  '--locale=C',
  '--encoding=UTF8',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
];

// For a platform that shares a developer's machine: little memory, few processes, full durability.
// Terse, so that no log line shows the values of a row.
const SETTINGS: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '120',
  shared_buffers: '32MB',
  huge_pages: 'off',
  jit: 'off',
  io_method: 'sync',
  max_wal_senders: '0',
  wal_level: 'minimal',
  max_logical_replication_workers: '0',
  max_wal_size: '256MB',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
};

export interface Cluster {
  /** URL of the superuser, to the database `postgres`. */
  readonly adminUrl: string;
  /** What to run; it stays in the foreground, and SIGINT is its fast shutdown. */
  readonly command: Command;
  /** True once it takes connections. */
  ready(pid: number): Promise<boolean>;
  /** Ends what an earlier run left in this cluster: a postmaster, or backends without one. */
  endLeftovers(): Promise<void>;
}

/**
 * Creates the cluster when there is none, and returns how to run it. A set-up that was interrupted leaves
 * nothing that counts as a cluster.
 *
 * @param options.folder `<data>/postgres`.
 * @param options.passwordFile holds the superuser's password; created when missing.
 * @throws PlatformError when the binaries are missing or initdb fails.
 */
export async function openCluster(options: {
  readonly folder: string;
  readonly passwordFile: string;
  readonly port: number;
}): Promise<Cluster> {
  const { passwordFile, port } = options;
  const binaries = await findBinaries();
  const password = await readOrCreate(passwordFile, () => randomBytes(24).toString('base64url'));
  if ((await readIfExists(join(options.folder, 'PG_VERSION'))) === undefined) {
    await initialise({ binaries, folder: options.folder, passwordFile });
  }
  const folder = await realpath(options.folder);
  const user = runAs(await stat(folder));
  if (user !== undefined) await giveTo(folder, user);
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return {
    adminUrl: `postgres://postgres:${password}@127.0.0.1:${port}/postgres`,
    command: wrapped(binaries.postgres, ['-D', folder, '-p', String(port), ...settings], user),
    ready: async (pid) => {
      const lines = (await readIfExists(join(folder, 'postmaster.pid')))?.split('\n') ?? [];
      return lines[0] === String(pid) && lines[7]?.trim() === 'ready';
    },
    endLeftovers: () => endPostgresIn(folder),
  };
}

async function initialise(options: {
  readonly binaries: Binaries;
  readonly folder: string;
  readonly passwordFile: string;
}): Promise<void> {
  const { binaries, folder, passwordFile } = options;
  const fresh = `${folder}.new`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true, mode: 0o700 });
  const user = runAs(undefined);
  if (user !== undefined) await chown(fresh, user.uid, user.gid);
  const flags = [`--pgdata=${fresh}`, `--pwfile=${passwordFile}`, ...INITDB_FLAGS];
  await run(wrapped(binaries.initdb, flags, user));
  await rm(folder, { recursive: true, force: true });
  await rename(fresh, folder);
}

// Postgres refuses a cluster that another user owns: one created by root under a user namespace, say.
async function giveTo(folder: string, user: RunAs): Promise<void> {
  if ((await stat(folder)).uid !== user.uid) {
    await run({ command: 'chown', args: ['-R', `${user.uid}:${user.gid}`, folder] });
  }
}

function run({ command, args, uid, gid }: Command): Promise<void> {
  const user = uid === undefined || gid === undefined ? {} : { uid, gid };
  return new Promise((resolve, reject) => {
    let output = '';
    const child = spawn(command, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const fail = (cause?: Error) =>
      reject(
        new PlatformError(
          `The embedded Postgres could not be set up (${basename(command)}).\n${output.trim()}`,
          'As root, install setpriv (util-linux) or move the clone to a folder that other users may enter. Or set DATABASE_URL to a Postgres of your own.',
          { cause },
        ),
      );
    child.once('error', fail);
    child.once('close', (code) => (code === 0 ? resolve() : fail()));
  });
}
