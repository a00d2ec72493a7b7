/**
 * Brings the lock file up to date with the folders of services/, as `npm install` would, without asking a
 * registry: a service stands on packages that the lock file has already. One that brings a package along
 * which is new here needs `npm install` all the same.
 */
import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

interface Lock {
  readonly packages: Readonly<Record<string, unknown>>;
}

const LOCK = 'package-lock.json';
/** What npm repeats of a workspace in the lock file. */
const REPEATED = ['name', 'version', 'license', 'dependencies', 'devDependencies'] as const;

/**
 * Writes each service into the lock file, and takes out those whose folder is gone; makes and removes
 * their links in node_modules alike.
 *
 * @param root - the clone.
 * @returns whether the lock file has changed.
 */
export function updateLock(root: string): boolean {
  const path = join(root, LOCK);
  const before = readFileSync(path, 'utf8');
  const lock: Lock = JSON.parse(before);
  const present = new Map(foldersOf(root).map((folder) => [folder, manifestOf(root, folder)]));
  const others = Object.entries(lock.packages).filter(([key]) => !isService(lock, key));
  const entries = [...present].flatMap(([folder, manifest]): [string, object][] => [
    [folder, manifest],
    [`node_modules/${manifest.name}`, { resolved: folder, link: true }],
  ]);
  const wanted = new Set(entries.map(([key]) => key));
  for (const key of Object.keys(lock.packages)) {
    const isGone = isService(lock, key) && !wanted.has(key) && key.startsWith('node_modules/');
    if (isGone) rmSync(join(root, key), { force: true });
  }
  for (const [folder, { name }] of present) link(root, folder, `node_modules/${name}`);
  const packages = Object.fromEntries(
    [...others, ...entries].toSorted(([a], [b]) => a.localeCompare(b, 'en')),
  );
  const after = `${JSON.stringify({ ...lock, packages }, null, 2)}\n`;
  if (after !== before) writeFileSync(path, after);
  return after !== before;
}

function foldersOf(root: string): readonly string[] {
  return readdirSync(join(root, 'services'))
    .map((name) => `services/${name}`)
    .filter((folder) => lstatSync(join(root, folder, 'package.json'), { throwIfNoEntry: false }));
}

function manifestOf(root: string, folder: string): Readonly<Record<string, unknown>> {
  const manifest: Record<string, unknown> = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  );
  return Object.fromEntries(
    REPEATED.flatMap((key) => (manifest[key] === undefined ? [] : [[key, manifest[key]]])),
  );
}

function isService({ packages }: Lock, key: string): boolean {
  if (/^services\/[^/]+$/.test(key)) return true;
  const { link: isLink, resolved } = Object(packages[key]);
  return isLink === true && String(resolved).startsWith('services/');
}

function link(root: string, folder: string, key: string): void {
  const path = join(root, key);
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) return;
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(join('../..', folder), path);
}
