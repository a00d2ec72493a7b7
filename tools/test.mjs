// Runs the tests that need only npm, under the Node of the lock file: all of them, or those below the
// paths given (`npm test -- packages/tokens`). Fails when there was nothing to run, which node --test
// calls a success, and in CI also when a test was skipped or is still to be written.
import * as fs from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { ROOT, runSuite } from './tests/run-suite.mjs';
import { LANES } from './tests/suites.mjs';

const STRICT = process.env.CI === 'true';
const SLOWEST = 3;
/** As node:test names them, and as people do. */
const COUNTS = ['tests', 'suites', 'passed', 'failed', 'cancelled', 'skipped', 'todo'];

// `--long`: accidents last as long as they would in life.
const isLong = process.argv.includes('--long');
const only = process.argv
  .slice(2)
  .filter((argument) => argument !== '--long')
  .map((path) => resolve(path));

const lanes = LANES.map(({ niceness, suites }) => ({
  niceness,
  suites: suites.map(withFiles).filter(({ count }) => count > 0),
}));
const chosen = lanes.flatMap(({ suites }) => suites);
if (chosen.length === 0) fail(`No test was found${only.length === 0 ? '' : ` in ${only}`}.`);
// One suite shows what it does while it does it; several would speak at the same time.
const isSingle = chosen.length === 1;
const results = (await Promise.all(lanes.map(runLane))).flat();

const total = {};
for (const { counts } of results) {
  for (const name of COUNTS) total[name] = (total[name] ?? 0) + (counts[name] ?? 0);
}
console.log('');
for (const result of results) console.log(lineOf(result));
console.log('\nall suites');
for (const name of COUNTS) {
  console.log(`ℹ ${{ passed: 'pass', failed: 'fail' }[name] ?? name} ${total[name]}`);
}
if ((total.tests ?? 0) === 0) fail('No test was run.');
if (STRICT && total.skipped + total.todo > 0) fail('A skipped or unwritten test counts as failed.');
process.exitCode = results.some(({ failed }) => failed) ? 1 : 0;

async function runLane({ niceness, suites }) {
  const ended = [];
  for (const suite of suites) {
    console.log(`${suite.name}: ${suite.count} files`);
    const output = isSingle ? 'inherit' : [];
    const env = isLong ? { CHAOS_LONG: '1' } : {};
    ended.push(
      await runSuite(suite, { niceness: isSingle ? 0 : niceness, env, output }).catch((error) => {
        return { name: suite.name, failed: true, counts: {}, files: [], seconds: 0, error };
      }),
    );
    if (!isSingle) process.stdout.write(`\n=== ${suite.name}\n${Buffer.concat(output)}`);
    const { error } = ended.at(-1);
    if (error !== undefined) console.error(`\n${suite.name}: ${error.message}`);
  }
  return ended;
}

function withFiles(suite) {
  const stages = suite.stages.map((stage) => ({ ...stage, files: filesOf(stage) }));
  const count = stages.reduce((sum, { files }) => sum + files.length, 0);
  if (count === 0 && only.length === 0) fail(`There are no ${suite.name} tests.`);
  return { ...suite, stages, count };
}

function filesOf({ folders, except = [] }) {
  const isLeftOut = (name) => except.some((folder) => name.startsWith(`${folder}/`));
  return folders
    .flatMap((folder) => testsIn(join(ROOT, folder), isLeftOut))
    .filter(
      (file) => only.length === 0 || only.some((path) => !relative(path, file).startsWith('..')),
    );
}

function testsIn(folder, isLeftOut) {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !/(^|\/)(node_modules|dist)\//.test(name))
    .filter((name) => !isLeftOut(name))
    .map((name) => join(folder, name))
    .sort();
}

/** One line about a suite: .ci/run repeats those that begin with "suite". */
function lineOf({ name, counts, files, seconds }) {
  const { tests = 0, passed = 0, failed = 0, cancelled = 0, skipped = 0, todo = 0 } = counts;
  const slowest = files
    .toSorted((one, other) => other.ms - one.ms)
    .slice(0, SLOWEST)
    .map(({ file, ms }) => `${relative(ROOT, file)} ${(ms / 1000).toFixed(0)} s`);
  const count = `${tests} tests, ${passed} passed, ${failed + cancelled} failed, ${skipped + todo} skipped`;
  return `suite ${name.padEnd(10)} ${seconds.toFixed(0).padStart(4)} s  ${count}; slowest: ${slowest.join(', ')}`;
}

function fail(message) {
  console.error(`\n${message}`);
  process.exit(1);
}
