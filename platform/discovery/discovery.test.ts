/** What a service declares, what is refused and how it is named, and in which order services come. */
import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { PlatformError } from '../errors.ts';
import { POSTGRES } from '../parts.ts';
import { discoverServices, freeBlock, portsOf } from './discover.ts';
import { fillEnv, type Wiring } from './env.ts';

const AROUND = { parts: [POSTGRES], ports: { 'the trace view': 7_480 }, scopes: ['asset:update'] };
const NOTES = {
  what: 'notes',
  ports: { grpc: 7_500, admin: 7_501 },
  steps: { grpc: 2, admin: 2 },
  maxReplicas: 5,
  needs: [] as string[],
};

/** A clone with services: their declarations, or `undefined` for a folder with a package alone. */
function cloneOf(t: TestContext, services: Readonly<Record<string, unknown>>): string {
  const root = mkdtempSync(join(tmpdir(), 'gatehouse-discovery-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  mkdirSync(join(root, 'services'));
  for (const [name, declared] of Object.entries(services)) {
    write(`services/${name}/package.json`, '{}');
    write(`services/${name}/src/app.ts`, '');
    if (declared === undefined) continue;
    const text = typeof declared === 'string' ? declared : JSON.stringify(declared);
    write(`services/${name}/service.json`, text);
  }
  return root;
}

function refusal(t: TestContext, services: Readonly<Record<string, unknown>>): string {
  const root = cloneOf(t, services);
  try {
    discoverServices(root, AROUND);
  } catch (thrown) {
    assert.ok(thrown instanceof PlatformError, String(thrown));
    return thrown.message;
  }
  return assert.fail('nothing was refused');
}

test('a service is a folder with a service.json; one that keeps data needs Postgres', (t) => {
  const root = cloneOf(t, { notes: { ...NOTES, database: true } });
  mkdirSync(join(root, 'services/left-over/node_modules'), { recursive: true });
  const [notes, ...more] = discoverServices(root, AROUND);
  assert.deepEqual(more, []);
  assert.partialDeepStrictEqual(notes, {
    name: 'notes',
    main: 'services/notes/src/app.ts',
    needs: ['postgres'],
  });
});

test('services come by their ports, after those that they need, and the edge comes last', (t) => {
  const at = (port: number, more: object = {}) => ({
    ...NOTES,
    ports: { grpc: port, admin: port + 1 },
    ...more,
  });
  const root = cloneOf(t, {
    edge: at(7_400, { edge: true, needs: ['c'] }),
    a: at(7_530),
    b: at(7_510, { needs: ['a'] }),
    c: at(7_520),
  });
  const names = discoverServices(root, AROUND).map(({ name }) => name);
  assert.deepEqual(names, ['c', 'a', 'b', 'edge']);
});

test('what is wrong with a declaration is named by its file and field', (t) => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /service\.json: is missing/],
    ['{', /is not JSON/],
    ['[]', /must be a JSON object/],
    [{ ...NOTES, what: '' }, /: what must be a line of text/],
    [{ ...NOTES, ports: undefined }, /: ports is missing/],
    [{ ...NOTES, port: 1 }, /: port is not known; there are what, ports/],
    [{ ...NOTES, ports: { grpc: 7_500 }, steps: { grpc: 2 } }, /: ports\.admin is missing/],
    [
      { ...NOTES, ports: { grpc: 80, admin: 7_501 } },
      /: ports\.grpc must be a port from 7400 to 7599\./,
    ],
    [
      { ...NOTES, ports: { http: 9_000, admin: 7_501 } },
      /: ports\.http must .* or from 8080 to 8199/,
    ],
    [{ ...NOTES, steps: { grpc: 2 } }, /: steps\.admin is missing/],
    [{ ...NOTES, steps: { grpc: 2, admin: 2, http: 1 } }, /: steps\.http has no port/],
    [{ ...NOTES, maxReplicas: 0 }, /: maxReplicas must be from 1 to 100/],
    [{ ...NOTES, needs: ['auth', 7] }, /: needs\[1\] must be the name of a service/],
    [{ ...NOTES, needs: ['auth'] }, /: needs names "auth"/],
    [{ ...NOTES, needs: ['notes'] }, /: needs leads in a circle: notes/],
    [
      { ...NOTES, clientScopes: ['asset:updat'] },
      /: clientScopes names "asset:updat", and no contract/,
    ],
    [{ ...NOTES, env: { path: '' } }, /: env\.path must be named like/],
    [{ ...NOTES, env: { A: '{secret}' } }, /: env\.A may hold \{kekFile\}/],
    [{ ...NOTES, env: { A: '{url:auth/http}' } }, /: env\.A names auth\/http/],
    [{ ...NOTES, database: 'yes' }, /: database must be true or false/],
  ];
  for (const [declared, message] of cases) {
    const said = refusal(t, { notes: declared });
    assert.match(said, /^services\/notes\/service\.json: /);
    assert.match(said, message);
  }
  assert.match(
    refusal(t, { 'my-notes': NOTES }),
    /my-notes\/service\.json: the folder must be named/,
  );
  assert.match(refusal(t, { postgres: NOTES }), /another part "postgres"/);
});

test('two that want one port are both named, with ports that are free', (t) => {
  const other = { ...NOTES, ports: { grpc: 7_508, admin: 7_550 } };
  assert.equal(
    refusal(t, { notes: NOTES, tags: other }),
    'tags (grpc) and notes (grpc) both declare port 7508.',
  );
  const traces = { ...NOTES, ports: { grpc: 7_479, admin: 7_550 }, steps: { grpc: 1, admin: 1 } };
  assert.match(
    refusal(t, { notes: traces }),
    /^notes \(grpc\) and the trace view both declare port 7480/,
  );
});

test('a part gets the first ten ports that no other has, for all of its replicas', () => {
  assert.equal(freeBlock([]), 7_400);
  assert.equal(freeBlock([7_400, 7_410, 7_421, 7_439, 7_490]), 7_440);
  assert.equal(portsOf({ ...NOTES, name: 'notes' }).at(-1)?.[0], 7_509);
  const all = Array.from({ length: 20 }, (_, index) => 7_400 + index * 10);
  assert.throws(() => freeBlock(all), /All ports from 7400 to 7599 are taken/);
});

test('settings are filled in, and one with a fact that is not there is left out', () => {
  const at: Wiring = {
    trustDomain: 'gatehouse.local',
    upstreams: '',
    kekFile: '/data/kek',
    port: (part, listener) => (part === 'auth' && listener === 'http' ? 8_091 : 0),
    urls: () => ['http://127.0.0.1:8092', 'http://127.0.0.1:8102'],
  };
  const env = {
    KEK: '{kekFile}',
    ADMIN: '{bootstrapAdminEmail}',
    TOKENS: '{url:auth/http}/oauth2/token',
    TARGETS: '{targets:extension/http}',
  };
  assert.deepEqual(fillEnv(env, at), {
    KEK: '/data/kek',
    TOKENS: 'http://127.0.0.1:8091/oauth2/token',
    TARGETS: 'extension=http://127.0.0.1:8092,extension=http://127.0.0.1:8102',
  });
});
