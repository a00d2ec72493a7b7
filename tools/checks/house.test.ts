// Each rule of .dependency-cruiser.mjs is shown to bite, on a model of the house in a folder of its
// own: one file that breaks it, beside files that break nothing.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { cruise, type Violation } from './house.ts';

/** Rule → [file that breaks it, what it imports, how]. Even an import of a type alone counts. */
const BREAKS: Readonly<Record<string, readonly [string, string, string?]>> = {
  'packages-level-0': ['packages/contracts/src/a.ts', '@gatehouse/errors'],
  'packages-level-1': ['packages/access/src/a.ts', '@gatehouse/postgres'],
  'packages-level-2': ['packages/postgres/src/a.ts', '@gatehouse/client'],
  'packages-level-3': ['packages/events/src/a.ts', '@gatehouse/chassis'],
  'gateway-stage-receive': ['services/gateway/src/receive/a.ts', '../mint/a.ts'],
  'gateway-stage-route': ['services/gateway/src/route/a.ts', '../decide/a.ts'],
  'gateway-stage-identify': ['services/gateway/src/identify/a.ts', '../limit/a.ts'],
  'gateway-stage-limit': ['services/gateway/src/limit/a.ts', '../decide/a.ts'],
  'gateway-stage-decide': ['services/gateway/src/decide/a.ts', '../mint/a.ts'],
  'gateway-stage-mint': ['services/gateway/src/mint/a.ts', '../forward/http/a.ts'],
  'packages-have-a-level': ['packages/odd/src/a.ts', '@gatehouse/errors'],
  'packages-import-no-product': ['packages/chassis/src/b.ts', '../../../platform/index.ts'],
  'tokens-import-nothing': ['packages/tokens/src/a.ts', 'fastify'],
  'tokens-adapters-import-types': ['packages/tokens/src/adapters/a.ts', 'fastify', 'import * as a'],
  'tokens-core-knows-no-adapter': ['packages/tokens/src/b.ts', './adapters/http.ts'],
  'service-imports-no-service': ['services/board/src/a.ts', '../../user/src/app.ts'],
  'services-import-no-platform': ['services/board/src/b.ts', '../../../platform/index.ts'],
  'platform-imports-no-service': ['apps/cli/src/a.ts', '../../../services/user/src/app.ts'],
  'platform-imports-no-app': ['platform/a.ts', '../apps/cli/src/main.ts'],
  'testing-only-in-tests': ['services/board/src/c.ts', '@gatehouse/testing'],
  'rules-import-only-errors': ['services/auth/src/keys/rules.ts', '@gatehouse/tokens'],
  'cases-import-no-transport': ['services/auth/src/keys/rotate.ts', 'node:http'],
  'jose-only-in-tests': ['services/auth/src/a.ts', 'jose'],
  'pg-only-in-postgres': ['platform/b.ts', 'pg'],
  'fastify-only-in-chassis-http': ['services/board/src/j.ts', 'fastify'],
  'kafka-only-in-its-adapter': ['packages/events/src/b.ts', '@platformatic/kafka'],
  'restate-only-in-its-adapter': ['services/board/src/d.ts', '@restatedev/restate-sdk'],
  'telemetry-set-up-in-the-chassis': ['services/board/src/e.ts', 'pino'],
  'packages-by-name': ['services/board/src/f.ts', '../../../packages/errors/src/index.ts'],
  'no-cycles': ['services/board/src/g.ts', './h.ts'],
  'no-unresolvable': ['services/board/src/i.ts', './nowhere.ts'],
};

/** What must stay allowed. */
const FINE: Readonly<Record<string, readonly string[]>> = {
  'services/board/src/h.ts': ['./g.ts'],
  'services/board/src/app.ts': ['@gatehouse/chassis', '@gatehouse/errors'],
  'services/board/src/app.test.ts': ['@gatehouse/testing', 'jose'],
  'services/auth/src/sessions/rules.ts': ['@gatehouse/errors', '../accounts/scope-rules.ts'],
  'services/auth/src/accounts/scope-rules.ts': [],
  'services/auth/src/sessions/refresh.ts': ['./rules.ts', '@gatehouse/tokens', 'node:crypto'],
  'services/auth/src/sessions/http.ts': ['node:http', './refresh.ts'],
  'services/gateway/src/forward/http/a.ts': ['../../receive/b.ts', '../../mint/b.ts'],
  'services/gateway/src/mint/b.ts': ['../route/b.ts'],
  'services/gateway/src/route/b.ts': [],
  'services/gateway/src/receive/b.ts': [],
  'services/gateway/src/compose/a.ts': ['../mint/b.ts', '../forward/http/a.ts'],
  'services/user/src/app.ts': ['@gatehouse/access'],
  'packages/tokens/src/index.test.ts': ['jose', '@gatehouse/testing'],
  'packages/tokens/src/keys.ts': ['node:crypto'],
  'packages/tokens/src/adapters/http.ts': ['fastify', 'node:http', '../keys.ts'],
  'packages/postgres/src/pool.ts': ['pg'],
  'packages/chassis/src/http/listener.ts': ['fastify'],
  'packages/chassis/src/telemetry/log.ts': ['pino', '@gatehouse/access'],
  'platform/index.ts': ['@gatehouse/errors'],
  'apps/cli/src/main.ts': ['../../../platform/index.ts'],
};

const LIBRARIES = [
  'errors',
  'contracts',
  'tokens',
  'access',
  'postgres',
  'client',
  'events',
  'chassis',
  'testing',
  'odd',
];
const FOREIGN = ['fastify', 'jose', 'pg', 'pino', '@platformatic/kafka', '@restatedev/restate-sdk'];

let model: string;
let violations: readonly Violation[];
let missed: readonly string[];

before(async () => {
  model = await mkdtemp(join(tmpdir(), 'gatehouse-house-'));
  await write('tsconfig.json', '{ "compilerOptions": { "module": "nodenext" } }');
  for (const name of LIBRARIES) await makeLibrary(name);
  for (const name of FOREIGN) {
    await write(`node_modules/${name}/package.json`, JSON.stringify({ name, main: 'index.js' }));
    await write(`node_modules/${name}/index.js`, 'module.exports = {};');
  }
  for (const [file, target, form] of Object.values(BREAKS)) {
    await write(file, importing([target], form));
  }
  for (const [file, targets] of Object.entries(FINE)) await write(file, importing(targets));
  ({ violations, missed } = await cruise(model));
});

after(async () => {
  await rm(model, { recursive: true, force: true });
});

test('every rule is broken by the model', async () => {
  const path = '../../.dependency-cruiser.mjs';
  const { default: configuration } = (await import(path)) as {
    readonly default: { readonly forbidden: readonly { readonly name: string }[] };
  };
  const rules = configuration.forbidden.map(({ name }) => name);
  assert.deepEqual(Object.keys(BREAKS).sort(), [...rules].sort());
});

for (const [rule, [file]] of Object.entries(BREAKS)) {
  test(`${rule} bites`, () => {
    const found = violations.filter((violation) => violation.rule === rule);
    assert.ok(
      found.some(({ from }) => from === file),
      `${rule} did not report ${file}: ${JSON.stringify(found)}`,
    );
  });
}

test('what is allowed is not reported', () => {
  const cycle = 'services/board/src/h.ts';
  const wrong = violations.filter(({ from }) => from in FINE && from !== cycle);
  assert.deepEqual(wrong, []);
});

test('each module of the model was cruised', () => {
  assert.deepEqual(missed, []);
});

function importing(targets: readonly string[], form = 'import type {}'): string {
  return targets.map((target) => `${form} from '${target}';\n`).join('');
}

async function makeLibrary(name: string): Promise<void> {
  const packageName = `@gatehouse/${name}`;
  const manifest = { name: packageName, type: 'module', exports: { '.': './src/index.ts' } };
  await write(`packages/${name}/package.json`, JSON.stringify(manifest));
  await write(`packages/${name}/src/index.ts`, 'export const name = 1;\n');
  const link = join(model, 'node_modules', packageName);
  await mkdir(dirname(link), { recursive: true });
  await symlink(join(model, 'packages', name), link);
}

async function write(path: string, content: string): Promise<void> {
  const target = join(model, path);
  await mkdir(dirname(target), { recursive: true });
  await writeFile(target, content);
}
