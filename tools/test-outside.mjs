/**
 * `npm run test:outside`: what needs more than a clone and npm. The running platform is looked at with
 * tools that know nothing of our code: curl, OpenSSL, and Python with PyJWT. The samples are installed
 * from packed packages and the registry, and run there, the one for pages in Chromium.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

const TOOLS = {
  curl: 'curl',
  openssl: 'openssl',
  python3: 'python3 python3-venv python3-pip',
  tar: 'tar',
  [process.env.CHROMIUM ?? 'chromium']: 'chromium',
};
const PYTHON = '.cache/python';
const FOLDERS = ['tests/outside', 'tests/packages'];
const REQUIREMENTS = 'tests/outside/requirements.txt';

process.chdir(new URL('..', import.meta.url).pathname);
for (const [tool, debianPackages] of Object.entries(TOOLS)) {
  if (spawnSync(tool, ['--help'], { stdio: 'ignore' }).error !== undefined) {
    fail(`${tool} is needed. On Debian: apt-get install ${debianPackages}. (.ci/run does it.)`);
  }
}
// Without its own pip: the one of the machine fills it, also where Python runs from a folder.
if (!existsSync(`${PYTHON}/bin/python`)) run('python3', ['-m', 'venv', '--without-pip', PYTHON]);
run('python3', [
  '-m',
  'pip',
  '--python',
  `${PYTHON}/bin/python`,
  'install',
  '--quiet',
  '-r',
  REQUIREMENTS,
]);
// Named one by one, since a pattern that matches nothing would be a success.
const files = FOLDERS.flatMap((folder) => {
  const names = readdirSync(folder).filter((name) => name.endsWith('.test.ts'));
  if (names.length === 0) fail(`There are no tests in ${folder}.`);
  return names.map((name) => `${folder}/${name}`);
});
run('node_modules/.bin/node', ['tests/conformance/fuzz.ts', '--seconds', '60']);
run('node_modules/.bin/node', [
  '--test',
  '--test-concurrency=1',
  '--test-reporter=spec',
  '--test-global-setup=tests/e2e/global-setup.ts',
  ...files,
]);

function run(command, args) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit' });
  if (error !== undefined) fail(`${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

function fail(message) {
  console.error(message);
  process.exit(1);
}
