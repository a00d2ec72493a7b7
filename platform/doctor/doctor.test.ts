import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writePrivate } from '../files.ts';
import { layoutOf } from '../layout.ts';
import { POSTGRES } from '../parts.ts';
import { freeOffset } from '../supervisor/fixtures/parts.ts';
import { identityOf } from '../supervisor/processes.ts';
import { writeState } from '../supervisor/state.ts';
import { examine } from './examine.ts';
import { checkClock, checkFolder, checkLeftovers } from './folder.ts';
import { checkDisk, checkEmbeddedPostgres, checkInstall, checkNode } from './machine.ts';
import { checkPorts } from './running.ts';

async function folder(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'gatehouse-doctor-'));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

test('a Node that is too old is wrong, with what to do', () => {
  assert.equal(checkNode('24.21.0').verdict, 'fine');
  assert.equal(checkNode('26.0.0').verdict, 'fine');
  for (const version of ['24.6.9', '20.19.0']) {
    const { verdict, remedy } = checkNode(version);
    assert.deepEqual([verdict, /npm ci/.test(remedy ?? '')], ['wrong', true]);
  }
});

test('packages that are not as locked are named', async (t) => {
  const root = await folder(t);
  assert.match(checkInstall(root).says, /package-lock.json is missing/);
  const locked = { 'node_modules/pg': { version: '2.0.0' }, 'node_modules/x': { optional: true } };
  await writeFile(join(root, 'package-lock.json'), JSON.stringify({ packages: locked }));
  assert.match(checkInstall(root).says, /nothing is installed/);
  await mkdir(join(root, 'node_modules'));
  const install = (version: string) =>
    writeFile(
      join(root, 'node_modules/.package-lock.json'),
      JSON.stringify({ packages: { 'node_modules/pg': { version } } }),
    );
  await install('1.0.0');
  assert.match(checkInstall(root).says, /1 packages are not as locked: pg/);
  await install('2.0.0');
  assert.equal(checkInstall(root).verdict, 'fine');
});

test('the Postgres that npm brought along runs', async () => {
  assert.match((await checkEmbeddedPostgres())?.says ?? '', /PostgreSQL/);
});

test('a disk is looked at where the folder will be', async (t) => {
  const path = join(await folder(t), 'not', 'yet');
  assert.match((await checkDisk(path)).says, /GB free/);
});

test('a secret that others may read is wrong, with the command that mends it', async (t) => {
  const layout = layoutOf(await folder(t));
  assert.equal((await checkFolder(layout)).verdict, 'fine');
  await writePrivate(layout.kekFile, 'secret');
  assert.equal((await checkFolder(layout)).verdict, 'fine');
  await chmod(layout.kekFile, 0o640);
  const { verdict, says, remedy } = await checkFolder(layout);
  assert.equal(verdict, 'wrong');
  assert.match(says, /others may read keys\/kek/);
  assert.match(remedy ?? '', /^chmod -R go-rwx /);
});

test('processes of a supervisor that was killed are named', async (t) => {
  const layout = layoutOf(await folder(t));
  assert.equal((await checkLeftovers(layout)).verdict, 'fine');
  const self = identityOf(process.pid);
  assert.ok(self);
  await writeState(layout.dataDir, { processes: { board: self } });
  const { verdict, says } = await checkLeftovers(layout);
  assert.equal(verdict, 'doubtful');
  assert.match(says, new RegExp(`board \\(${process.pid}\\)`));
});

test('a clock that went back behind our own files is wrong', async (t) => {
  const layout = layoutOf(await folder(t));
  const now = Date.now();
  assert.equal((await checkClock(layout, now)).verdict, 'fine');
  await writeState(layout.dataDir, { processes: {} });
  const later = new Date(now + 3_600_000);
  await utimes(join(layout.dataDir, 'run', 'state.json'), later, later);
  const { verdict, remedy } = await checkClock(layout, now);
  assert.equal(verdict, 'wrong');
  assert.match(remedy ?? '', /Set the clock/);
});

test('a taken port is wrong, with who needs it and who has it', async (t) => {
  const offset = await freeOffset();
  const port = (POSTGRES.ports.sql ?? 0) + offset;
  const holder = createServer().listen(port, '127.0.0.1');
  await once(holder, 'listening');
  t.after(() => holder.close());
  const { verdict, says } = await checkPorts(undefined, offset);
  assert.equal(verdict, 'wrong');
  assert.match(says, new RegExp(`${port} \\(postgres \\(sql\\)\\): pid ${process.pid} `));
});

test('the whole examination has a remedy wherever not all is fine', async (t) => {
  const findings = await examine({ dataDir: await folder(t), portOffset: await freeOffset() });
  const names = findings.map(({ name }) => name);
  for (const name of ['node', 'install', 'database', 'disk', 'clock', 'data', 'state', 'ports']) {
    assert.ok(names.includes(name), name);
  }
  for (const { verdict, remedy, says } of findings) {
    assert.equal(verdict === 'fine', remedy === undefined, says);
  }
});
