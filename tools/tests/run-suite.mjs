// Runs one suite under the Node of the lock file, and says how it went.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const NODE = join(ROOT, 'node_modules/.bin/node');
const REPORTER = join(ROOT, 'tools/tests/summary-reporter.mjs');
const FILE_TIMEOUT = pathToFileURL(join(ROOT, 'tools/tests/file-timeout.mjs')).href;
const WORLD = join(ROOT, 'tools/tests/world.ts');

/**
 * Runs the stages of a suite whose files are wanted.
 *
 * @param suite - `{ name, world, stages }` of suites.mjs, each stage with its `files`.
 * @param options - `niceness`, `env`, and `output`: `'inherit'`, or where to collect what it says.
 * @returns `{ name, failed, counts, files, seconds }`
 */
export async function runSuite(suite, options) {
  const startedMs = performance.now();
  const world = await openWorld(suite.world, options);
  const result = { name: suite.name, failed: false, counts: {}, files: [] };
  try {
    for (const stage of suite.stages) {
      if (stage.files.length === 0) continue;
      const ended = await runStage(stage, { ...options, env: { ...options.env, ...world.env } });
      result.failed ||= ended.status !== 0;
      result.files.push(...ended.files);
      for (const [name, count] of Object.entries(ended.counts)) {
        result.counts[name] = (result.counts[name] ?? 0) + count;
      }
    }
  } finally {
    await world.close();
  }
  return { ...result, seconds: (performance.now() - startedMs) / 1000 };
}

/** What the files share, in a process of its own, which ends when its standard input does. */
async function openWorld(path, options) {
  if (path === undefined) return { env: {}, close: async () => {} };
  const child = start([WORLD, join(ROOT, path)], { ...options, stdio: ['pipe', 'pipe'] });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    return {
      env: JSON.parse(line),
      close: async () => {
        child.stdin.end();
        await exited;
      },
    };
  }
  throw new Error(`${path} did not start`);
}

async function runStage({ files, atOnce, timeoutMs }, options) {
  const folder = fs.mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
  const summaryFile = join(folder, 'summary.json');
  try {
    const args = [
      ...[
        '--import',
        FILE_TIMEOUT,
        '--test',
        `--test-concurrency=${atOnce}`,
        `--test-timeout=${timeoutMs}`,
      ],
      ...['--test-reporter=spec', '--test-reporter-destination=stdout'],
      ...[`--test-reporter=${REPORTER}`, `--test-reporter-destination=${summaryFile}`],
    ];
    const stdio = ['ignore', options.output === 'inherit' ? 'inherit' : 'pipe'];
    const env = { ...options.env, TEST_FILE_TIMEOUT_MS: `${timeoutMs}` };
    const child = start([...args, ...files], { ...options, env, stdio });
    child.stdout?.on('data', (chunk) => options.output.push(chunk));
    const [status] = await once(child, 'exit');
    const written = fs.existsSync(summaryFile) ? fs.readFileSync(summaryFile, 'utf8') : '';
    if (written === '') throw new Error('the test run ended without a summary');
    return { status, ...JSON.parse(written) };
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

function start(args, { niceness, env, output, stdio }) {
  const nice = niceness === 0 ? [] : ['nice', '-n', `${niceness}`];
  const [command, ...rest] = [...nice, NODE, ...args];
  const child = spawn(command, rest, {
    cwd: ROOT,
    stdio: [...stdio, output === 'inherit' ? 'inherit' : 'pipe'],
    env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, '.cache/node-compile'), ...env },
  });
  child.stderr?.on('data', (chunk) => output.push(chunk));
  return child;
}
