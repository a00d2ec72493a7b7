// Runs the tests that need only npm, under the Node of the lock file: all of them, or those below the
// paths given (`npm test -- packages/tokens`). Fails when there was nothing to run, which node --test
// calls a success, and in CI also when a test was skipped or is still to be written.
import { spawnSync } from 'node:child_process';
import * as fs from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const NODE = join(ROOT, 'node_modules/.bin/node');
const REPORTER = join(ROOT, 'tools/test-counts.mjs');
const STRICT = process.env.CI === 'true';

const SUITES = [
  {
    name: 'unit',
    folders: [
      ...['packages', 'services', 'platform', 'apps', 'tools', 'bench'],
      ...['tests/vectors', 'tests/docs', 'tests/conformance'],
    ],
    flags: [
      `--test-concurrency=${availableParallelism()}`,
      '--test-timeout=120000',
      // What a file leaves open may not keep the run waiting for ever.
      '--test-force-exit',
    ],
  },
  {
    // One file after another: they share one running platform.
    name: 'end to end',
    folders: ['tests/e2e'],
    flags: ['--test-concurrency=1', '--test-timeout=300000', ...globalSetup('tests/e2e')],
  },
  {
    // One file after another: what they measure and time is not to be shared.
    name: 'gateway',
    folders: ['tests/gateway'],
    flags: ['--test-concurrency=1', '--test-timeout=600000', '--test-force-exit'],
  },
  {
    name: 'chaos',
    folders: ['tests/chaos'],
    flags: ['--test-concurrency=1', '--test-timeout=600000', ...globalSetup('tests/chaos')],
  },
];

// `--long`: accidents last as long as they would in life.
const long = process.argv.includes('--long');
const only = process.argv
  .slice(2)
  .filter((argument) => argument !== '--long')
  .map((path) => resolve(path));
const total = {};
let failed = false;
for (const suite of SUITES) {
  const files = suite.folders.flatMap(testsIn).filter(isWanted);
  if (files.length === 0) {
    if (only.length === 0) fail(`There are no ${suite.name} tests in ${suite.folders.join(', ')}.`);
    continue;
  }
  console.log(`\n${suite.name}: ${files.length} files`);
  const { status, counts } = run(files, suite.flags);
  for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  failed ||= status !== 0;
}
if ((total.tests ?? 0) === 0) fail(`No test was found${only.length === 0 ? '' : ` in ${only}`}.`);
console.log('\nall suites');
for (const name of ['tests', 'suites', 'passed', 'failed', 'cancelled', 'skipped', 'todo']) {
  console.log(`ℹ ${{ passed: 'pass', failed: 'fail' }[name] ?? name} ${total[name]}`);
}
if (STRICT && total.skipped + total.todo > 0) fail('A skipped or unwritten test counts as failed.');
process.exitCode = failed ? 1 : 0;

function run(files, flags) {
  const folder = fs.mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  const countsFile = join(folder, 'counts.json');
  try {
    const reporters = [
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[`--test-reporter=${REPORTER}`, `--test-reporter-destination=${countsFile}`],
    ];
    const { status, error } = spawnSync(NODE, ['--test', ...flags, ...reporters, ...files], {
      cwd: ROOT,
      stdio: 'inherit',
      env: {
        ...process.env,
        NODE_COMPILE_CACHE: join(ROOT, '.cache/node-compile'),
        ...(long ? { CHAOS_LONG: '1' } : {}),
      },
    });
    if (error !== undefined) fail(`${NODE}: ${error.message}. Run: node tools/install.mjs`);
    const written = fs.existsSync(countsFile) ? fs.readFileSync(countsFile, 'utf8') : '';
    if (written === '') fail('The test run ended without a summary.');
    return { status, counts: JSON.parse(written) };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function testsIn(folder) {
  const path = join(ROOT, folder);
  if (!fs.existsSync(path)) return [];
  return fs
    .readdirSync(path, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !/(^|\/)(node_modules|dist)\//.test(name))
    .map((name) => join(path, name))
    .sort();
}

function isWanted(file) {
  return only.length === 0 || only.some((path) => !relative(path, file).startsWith('..'));
}

function globalSetup(folder) {
  return [`--test-global-setup=${join(ROOT, folder, 'global-setup.ts')}`];
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
