/** What is printed compiles to the same descriptor, but for what is said not to be printed. */
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromBinary, type JsonValue, toJson } from '@bufbuild/protobuf';
import {
  type FileDescriptorProto,
  FileDescriptorProtoSchema,
  FileDescriptorSetSchema,
} from '@bufbuild/protobuf/wkt';
import { file_buf_validate_validate } from '@gatehouse/contracts/gen/buf/validate/validate_pb.ts';
import { file_gatehouse_user_v1_user } from '@gatehouse/contracts/gen/gatehouse/user/v1/user_pb.ts';
import { bin, run } from '../checks/command.ts';
import { protoSourceOf } from './proto-source.ts';

const original = file_buf_validate_validate.proto;

async function compile(source: string): Promise<FileDescriptorProto> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-proto-'));
  try {
    await writeFile(join(folder, 'printed.proto'), source);
    const image = join(folder, 'image.binpb');
    const { exitCode, stderr } = await run(bin('buf'), ['build', folder, '-o', image]);
    assert.equal(exitCode, 0, stderr);
    const { file } = fromBinary(FileDescriptorSetSchema, await readFile(image));
    const printed = file.find(({ name }) => name === 'printed.proto');
    assert.ok(printed);
    return printed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const NOT_COMPARED = new Set(['options', 'sourceCodeInfo', 'oneofIndex']);

/** Names, numbers, types and labels; the members of an object in the order of their names. */
function meaningOf(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(meaningOf).toSorted(byText);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).filter(([name]) => !NOT_COMPARED.has(name));
  return Object.fromEntries(members.map(([name, member]) => [name, meaningOf(member)]).toSorted());
}

function byText(a: JsonValue, b: JsonValue): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1;
}

/** The fields of each message, by the name of their oneof. */
function oneofsOf({ messageType }: FileDescriptorProto): readonly string[] {
  return messageType.flatMap((message) =>
    message.field.flatMap(({ name, oneofIndex }) => {
      const oneof = message.oneofDecl[oneofIndex ?? -1]?.name;
      return oneof === undefined ? [] : `${message.name}.${oneof}.${name}`;
    }),
  );
}

test('the field rules come back as they were', async () => {
  const printed = await compile(protoSourceOf(original));
  const named = { ...printed, name: original.name };
  assert.deepEqual(
    meaningOf(toJson(FileDescriptorProtoSchema, named)),
    meaningOf(toJson(FileDescriptorProtoSchema, original)),
  );
  assert.deepEqual(new Set(oneofsOf(printed)), new Set(oneofsOf(original)));
  assert.deepEqual(printed.options, original.options);
  assert.ok(original.messageType.length > 20 && original.extension.length === 4);
});

test('what cannot be printed is refused', () => {
  const { proto } = file_gatehouse_user_v1_user;
  assert.throws(() => protoSourceOf(proto), /proto3 is not printed/);
  assert.throws(() => protoSourceOf({ ...proto, syntax: '' }), /services are not printed/);
});
