import assert from 'node:assert/strict';
import { test } from 'node:test';
import { deflateRawSync } from 'node:zlib';
import { readZipEntry } from './zip.ts';

interface Entry {
  readonly name: string;
  readonly content: string;
  readonly method: 0 | 8;
}

// The least archive that the format allows: local headers, directory, end with a comment.
function archiveOf(entries: readonly Entry[]): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, method } of entries) {
    const data = method === 8 ? deflateRawSync(content) : Buffer.from(content);
    const extra = Buffer.from('extra');
    const local = Buffer.alloc(30);
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    local.writeUInt16LE(extra.length, 28);
    const body = Buffer.concat([local, Buffer.from(name), extra, data]);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    central.writeUInt16LE(method, 10);
    central.writeUInt32LE(data.length, 20);
    central.writeUInt16LE(name.length, 28);
    central.writeUInt32LE(offset, 42);
    directory.push(central, Buffer.from(name));
    bodies.push(body);
    offset += body.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, ...directory, end, Buffer.from('a comment')]);
}

const archive = archiveOf([
  { name: 'stored.txt', content: 'as it is', method: 0 },
  { name: 'a/b.proto', content: 'syntax = "proto3";'.repeat(50), method: 8 },
]);

test('an entry is read, stored or deflated', () => {
  assert.equal(readZipEntry(archive, 'stored.txt').toString(), 'as it is');
  assert.equal(readZipEntry(archive, 'a/b.proto').toString(), 'syntax = "proto3";'.repeat(50));
});

test('a missing entry is an error that names it', () => {
  assert.throws(() => readZipEntry(archive, 'a/c.proto'), /no entry a\/c\.proto/);
});

test('what is no archive is refused', () => {
  assert.throws(() => readZipEntry(Buffer.from('x'.repeat(100)), 'a'), /not a ZIP archive/);
});
