import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { followFile } from './follow-file.ts';
import type { Reading } from './open-file.ts';

const BAD = [{ line: 1, column: 1, message: 'bad' }];

function following(
  t: TestContext,
  takeUp: (text: string) => void | Promise<void> = () => undefined,
) {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-follow-'));
  const path = join(folder, 'gateway.yaml');
  writeFileSync(path, 'first');
  const told: string[] = [];
  const file = followFile<string>('first', {
    path,
    read: (text): Reading<string> =>
      text.startsWith('bad') ? { ok: false, problems: BAD } : { ok: true, value: text },
    onGood: async (text) => {
      await takeUp(text);
      told.push(text);
    },
    onBad: (problems, text) => told.push(`${text}: ${problems[0]?.message}`),
  });
  t.after(() => {
    file.close();
    rmSync(folder, { recursive: true });
  });
  const looks = async (count: number): Promise<void> => {
    for (let index = 0; index < count; index += 1) await file.look();
  };
  return { ...file, looks, told, folder, path, write: (text: string) => writeFileSync(path, text) };
}

test('a change is taken up when two looks have found it, once', async (t) => {
  const file = following(t);
  await file.looks(3);
  file.write('second');
  await file.looks(1);
  assert.deepEqual(file.told, []);
  await file.looks(4);
  assert.deepEqual(file.told, ['second']);
  file.write('second');
  await file.looks(3);
  assert.deepEqual(file.told, ['second'], 'the same again is no change');
});

test('what is half written is passed over, also where the half would do', async (t) => {
  const file = following(t);
  file.write('sec');
  await file.looks(1);
  file.write('second');
  await file.looks(3);
  assert.deepEqual(file.told, ['second']);
});

test('renaming over it, swapping a link and a while without it are changes like any other', async (t) => {
  const file = following(t);
  writeFileSync(join(file.folder, 'new'), 'renamed');
  renameSync(join(file.folder, 'new'), file.path);
  await file.looks(3);
  rmSync(file.path);
  await file.looks(3);
  for (const name of ['a', 'b']) {
    mkdirSync(join(file.folder, name));
    writeFileSync(join(file.folder, name, 'gateway.yaml'), `of ${name}`);
  }
  symlinkSync('a', join(file.folder, '..data'));
  symlinkSync(join('..data', 'gateway.yaml'), file.path);
  await file.looks(3);
  symlinkSync('b', join(file.folder, '..data2'));
  renameSync(join(file.folder, '..data2'), join(file.folder, '..data'));
  await file.looks(3);
  assert.deepEqual(file.told, ['renamed', 'of a', 'of b']);
});

test('a bad content never takes effect, is told once, and stays visible until a good one comes', async (t) => {
  const file = following(t);
  file.write('bad one');
  await file.looks(5);
  assert.deepEqual(file.told, ['bad one: bad']);
  assert.deepEqual(file.state().problems, BAD);
  file.write('third');
  await file.looks(3);
  assert.deepEqual(file.told, ['bad one: bad', 'third']);
  assert.deepEqual(file.state().problems, []);
});

test('going back to what is in force before it was judged is no change', async (t) => {
  const file = following(t);
  file.write('bad');
  await file.looks(1);
  file.write('first');
  await file.looks(3);
  assert.deepEqual(file.told, []);
});

test('a signal reads at once, also what did not change, and says when there is nothing', async (t) => {
  const file = following(t);
  await file.reload();
  file.write('second');
  await file.reload();
  rmSync(file.path);
  await file.reload();
  assert.deepEqual(file.told, ['first', 'second', ': The file cannot be read.']);
});

test('what cannot be taken up counts as bad', async (t) => {
  const file = following(t, () => {
    throw new Error('No room for it.');
  });
  file.write('second');
  await file.looks(2);
  assert.deepEqual(file.told, ['second: No room for it.']);
  assert.equal(file.state().problems[0]?.message, 'No room for it.');
});

test('signals and looks wait for each other', async (t) => {
  const order: string[] = [];
  const gate = Promise.withResolvers<void>();
  const file = following(t, async (text) => {
    order.push(`begin ${text}`);
    if (text === 'second') await gate.promise;
    order.push(`end ${text}`);
  });
  file.write('second');
  const first = file.reload();
  await Promise.resolve();
  await Promise.resolve();
  file.write('third');
  const second = file.reload();
  gate.resolve();
  await Promise.all([first, second]);
  assert.deepEqual(order, ['begin second', 'end second', 'begin third', 'end third']);
});
