import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { type FileDescriptorSet, FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { ROOT } from './command.ts';
import { BASELINE, compareWithBaseline } from './contracts.ts';

// The baseline itself with a change, as an image: so nothing third-party is needed to compile it.
async function compareChanged(change: (image: FileDescriptorSet) => void) {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-breaking-'));
  try {
    const image = fromBinary(FileDescriptorSetSchema, await readFile(join(ROOT, BASELINE)));
    change(image);
    const path = join(folder, 'changed.binpb');
    await writeFile(path, toBinary(FileDescriptorSetSchema, image));
    return await compareWithBaseline(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function boardOf(image: FileDescriptorSet) {
  const board = image.file.find(({ name }) => name === 'gatehouse/board/v1/board.proto');
  assert.ok(board);
  return board;
}

test('contracts that did not change are what was promised', async () => {
  const { ok, output } = await compareChanged(() => {});
  assert.ok(ok, output);
});

test('removing a field fails, and is named', async () => {
  const { ok, output } = await compareChanged((image) => {
    const post = boardOf(image).messageType.find(({ name }) => name === 'Post');
    assert.ok(post);
    const before = post.field.length;
    post.field = post.field.filter(({ name }) => name !== 'title');
    assert.equal(post.field.length, before - 1);
  });
  assert.equal(ok, false);
  assert.match(output, /Previously present field "2" with name "title" on message "Post"/);
});

test('removing a method fails, and is named', async () => {
  const { ok, output } = await compareChanged((image) => {
    const [service] = boardOf(image).service;
    assert.ok(service);
    service.method = service.method.filter(({ name }) => name !== 'GetPost');
  });
  assert.equal(ok, false);
  assert.match(output, /RPC "GetPost"/);
});

test('adding a field is no break', async () => {
  const { ok, output } = await compareChanged((image) => {
    const post = boardOf(image).messageType.find(({ name }) => name === 'Post');
    const body = post?.field.find(({ name }) => name === 'body');
    assert.ok(post && body);
    post.field.push({ ...body, name: 'summary', jsonName: 'summary', number: 99 });
  });
  assert.ok(ok, output);
});
