import assert from 'node:assert/strict';
import { appendFile, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { createFollower } from './follow.ts';
import { readable } from './readable.ts';

test('a line of JSON is formatted; any other stays as it is', () => {
  const entry = { level: 'info', time: '2026-11-20T18:02:11.123Z', service: 'board', pid: 7 };
  const line = readable(JSON.stringify({ ...entry, msg: 'started', grpcPort: 7430 }));
  assert.match(line, /^\d\d:\d\d:\d\d {2}info {3}started {2}grpcPort=7430$/);
  assert.match(readable('{"level":50,"time":0,"msg":"it broke"}'), / error {2}it broke$/);
  for (const other of ['LOG:  database system is ready', '{ not JSON', '']) {
    assert.equal(readable(other), other);
  }
});

test('an error is shown with its stack, below', () => {
  const line = readable('{"level":"error","msg":"failed","err":{"stack":"Error: no\\n    at x"}}');
  assert.equal(line, 'error  failed  \n  Error: no\n      at x');
});

test('the causes of an error are shown below its stack', () => {
  const cause = { message: '0002.sql is missing', stack: 'Error', cause: { message: 'ENOENT' } };
  const err = { stack: 'Error: no\n    at x', cause };
  const line = readable(JSON.stringify({ level: 'error', msg: 'failed', err }));
  assert.match(line, /\n {6}at x\n {2}Caused by: 0002\.sql is missing\n {2}Caused by: ENOENT$/);
});

async function setUp(t: TestContext) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-logs-'));
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, 'board.log');
  const lines: string[] = [];
  let arrived = Promise.withResolvers<void>();
  const follower = createFollower(file, (line) => {
    lines.push(line);
    arrived.resolve();
  });
  const next = async () => {
    await arrived.promise;
    arrived = Promise.withResolvers();
  };
  return { file, lines, follower, next };
}

test('the last lines are shown, and no part of one that is still being written', async (t) => {
  const { file, lines, follower } = await setUp(t);
  await writeFile(file, 'one\ntwo\nthree\nfou');
  await follower.tail(2);
  assert.deepEqual(lines, ['two', 'three']);
});

test('new lines are shown, also after a rotation', async (t) => {
  const { file, lines, follower, next } = await setUp(t);
  await writeFile(file, 'an old and long line\n');
  await follower.tail(0);
  const stop = new AbortController();
  const following = follower.follow(stop.signal);
  await appendFile(file, 'new\n');
  await next();
  await rename(file, `${file}.1`);
  await writeFile(file, 'rotated\n');
  await next();
  stop.abort();
  await following;
  assert.deepEqual(lines, ['new', 'rotated']);
});
