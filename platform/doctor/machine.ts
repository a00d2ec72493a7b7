/** The machine and the clone: Node, what npm installed, Postgres, disk and memory. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readConfig } from '../config.ts';
import { findBinaries } from '../postgres/binaries.ts';
import { doubtful, type Finding, fine, wrong } from './finding.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MIN_NODE = [24, 7] as const;
const NEEDED_DISK_BYTES = 500e6;
const GOOD_DISK_BYTES = 2e9;
const NEEDED_MEMORY_BYTES = 600e6;
const VERSION_TIMEOUT_MS = 10_000;

/** Whether this Node can run the platform. @param version - such as `24.21.0`. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1])) {
    return fine('node', version);
  }
  return wrong(
    'node',
    `${version} is older than ${MIN_NODE.join('.')}`,
    'Run npm ci in the clone, which installs one, and run the command again.',
  );
}

/** Whether npm installed what the lock names. @param root - of the clone. */
export function checkInstall(root: string = ROOT): Finding {
  const remedy = 'Run npm ci in the clone.';
  const lock = packagesOf(join(root, 'package-lock.json'));
  const present = packagesOf(join(root, 'node_modules/.package-lock.json'));
  if (lock === undefined)
    return wrong('install', 'package-lock.json is missing', 'Clone the repository again.');
  if (present === undefined) return wrong('install', 'nothing is installed', remedy);
  const wanted = Object.entries(lock).filter(
    ([path, { optional, peer }]) => path.startsWith('node_modules/') && !optional && !peer,
  );
  const other = wanted.filter(([path, { version }]) => present[path]?.version !== version);
  const [first] = other;
  if (first === undefined) return fine('install', `${wanted.length} packages, as locked`);
  const name = first[0].slice('node_modules/'.length);
  return wrong('install', `${other.length} packages are not as locked: ${name} …`, remedy);
}

/** The Postgres that npm installed; undefined when DATABASE_URL is set. */
export async function checkEmbeddedPostgres(): Promise<Finding | undefined> {
  if (readConfig().databaseUrl !== undefined) return undefined;
  const remedy = 'Run npm ci in the clone; or set DATABASE_URL to a Postgres of your own.';
  try {
    const { postgres } = await findBinaries();
    const { status, stdout, stderr, error } = spawnSync(postgres, ['--version'], {
      encoding: 'utf8',
      timeout: VERSION_TIMEOUT_MS,
    });
    if (status === 0) return fine('database', stdout.trim());
    const why = error?.message ?? stderr.trim().split('\n')[0];
    return wrong('database', `it does not start: ${why}`, remedy);
  } catch (thrown) {
    return wrong('database', thrown instanceof Error ? thrown.message : String(thrown), remedy);
  }
}

/** Disk space for the data folder, on the disk where it is or will be. */
export async function checkDisk(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(firstThere(dataDir));
  const free = bavail * bsize;
  const says = `${gigabytes(free)} free`;
  const remedy = 'Free some space, or choose another folder: --data DIR.';
  if (free < NEEDED_DISK_BYTES) return wrong('disk', says, remedy);
  return free < GOOD_DISK_BYTES ? doubtful('disk', says, remedy) : fine('disk', says);
}

/** Memory for all processes. Linux only. */
export function checkMemory(): Finding | undefined {
  const text = existsSync('/proc/meminfo') ? readFileSync('/proc/meminfo', 'utf8') : '';
  const kilobytes = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1];
  if (kilobytes === undefined) return undefined;
  const free = Number(kilobytes) * 1_024;
  const says = `${gigabytes(free)} available`;
  if (free >= NEEDED_MEMORY_BYTES) return fine('memory', says);
  return doubtful('memory', says, 'The platform needs about 0.6 GB. Stop other programs first.');
}

interface Locked {
  readonly version?: string;
  readonly optional?: boolean;
  readonly peer?: boolean;
}

function packagesOf(file: string): Readonly<Record<string, Locked>> | undefined {
  try {
    const { packages }: { packages: Record<string, Locked> } = JSON.parse(
      readFileSync(file, 'utf8'),
    );
    return packages;
  } catch {
    return undefined;
  }
}

function firstThere(path: string): string {
  return existsSync(path) || path === dirname(path) ? path : firstThere(dirname(path));
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(1)} GB`;
}
