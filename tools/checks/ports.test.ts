import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { typeScriptFiles } from './files.ts';
import { PORTS } from './port-list.ts';
import { type Port, type Ports, portFindings } from './ports.ts';

const SOURCES: Readonly<Record<string, string>> = {
  'packages/a/src/port.ts': 'export interface Store {}\nexport interface Role {}\n',
  'packages/a/src/memory.ts': 'class Memory implements Store, Role {}\n',
  'packages/a/src/redis.ts': 'class Redis implements Store, Role {}\n',
  'packages/a/src/test-support/suite.ts': 'export function storeSuite() {}\n',
  'packages/a/src/memory.test.ts': 'storeSuite();\nclass Fake implements Role {}\n',
  'packages/a/src/redis.test.ts': '',
};
const STORE: Port = {
  name: 'Store',
  file: 'packages/a/src/port.ts',
  adapters: ['packages/a/src/memory.ts', 'packages/a/src/redis.ts'],
  suite: {
    name: 'storeSuite',
    file: 'packages/a/src/test-support/suite.ts',
    usedIn: ['packages/a/src/memory.test.ts'],
  },
  reason: 'a test',
};
const ROLE = { name: 'Role', reason: 'a test' };

let root: string;

before(async () => {
  root = await mkdtemp(join(tmpdir(), 'gatehouse-ports-'));
  for (const [file, text] of Object.entries(SOURCES)) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), text);
  }
});

after(() => rm(root, { recursive: true }));

function messagesOf(ports: Partial<Ports>): readonly string[] {
  const listed = { ports: [STORE], noPorts: [ROLE], ...ports };
  return portFindings(listed, Object.keys(SOURCES), root).map(({ message }) => message);
}

test('a port whose adapters pass one suite is fine', () => {
  assert.deepEqual(messagesOf({}), []);
});

test('a port with two adapters has one suite, which each of them is put through', () => {
  const { suite, ...without } = STORE;
  assert.match(messagesOf({ ports: [without] }).join(), /Store has adapters and no suite/);
  assert.ok(suite !== undefined);
  const usedIn = ['packages/a/src/memory.test.ts', 'packages/a/src/redis.test.ts'];
  const messages = messagesOf({ ports: [{ ...STORE, suite: { ...suite, usedIn } }] });
  assert.deepEqual(messages, ['storeSuite is not in it']);
});

test('no port has one implementation and no fake', () => {
  const { suite: _, ...without } = STORE;
  const single = { ...without, adapters: ['packages/a/src/memory.ts'] };
  assert.match(messagesOf({ ports: [single] }).join(), /Store has one adapter and no fake/);
  const faked = { ...single, fake: 'packages/a/src/redis.ts' };
  assert.deepEqual(messagesOf({ ports: [faked] }), []);
  const gone = { ...single, fake: 'packages/a/src/redis.test.ts' };
  assert.deepEqual(messagesOf({ ports: [gone] }), ['Store is not in it']);
});

test('an interface that several files implement is listed, and nothing is listed for nothing', () => {
  assert.match(messagesOf({ ports: [] }).join(), /Store has several implementations: list it/);
  const noPorts = [ROLE, { name: 'Nobody', reason: 'a test' }];
  assert.deepEqual(messagesOf({ noPorts }), ['Nobody is listed for nothing']);
});

test('each entry of the list has its reason', () => {
  for (const { name, reason } of [...PORTS.ports, ...PORTS.noPorts]) assert.ok(reason, name);
  assert.deepEqual(portFindings(PORTS, typeScriptFiles()), []);
});
