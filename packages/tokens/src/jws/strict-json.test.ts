import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { own, parseJsonObject } from './strict-json.ts';

function parse(text: string) {
  return parseJsonObject(Buffer.from(text, 'utf8'));
}

function assertMalformed(bytes: Buffer | string): void {
  assert.throws(
    () => parseJsonObject(Buffer.from(bytes)),
    (error) => error instanceof TokenError && error.code === 'malformed',
    String(bytes),
  );
}

test('a JSON object is parsed, colons, braces and quotes in strings included', () => {
  const text = '{"a":"b:{[\\"","c:d":[1,{"e":null},"]:"],"\\\\":{}}';
  assert.deepEqual(parse(text), JSON.parse(text));
  assert.deepEqual(parse(' { } '), {});
});

test('a member that is there twice is refused at any depth and in any spelling', () => {
  assertMalformed('{"a":1,"a":1}');
  assertMalformed('{"a":1,"\\u0061":2}');
  assertMalformed('{"x":{"a":1,"b":2,"a":3}}');
  assertMalformed('{"x":[{"a":1},{"a":1,"a":2}]}');
  assertMalformed('{"__proto__":1,"__proto__":2}');
  assert.deepEqual(parse('{"x":{"a":1},"y":{"a":1}}'), { x: { a: 1 }, y: { a: 1 } });
});

test('what is no object, no JSON or no UTF-8 is refused', () => {
  for (const text of [
    '',
    '[]',
    '"a"',
    'null',
    '1',
    '{',
    '{"a":}',
    "{'a':1}",
    '{"a":1}x',
    '{"a":1,}',
  ])
    assertMalformed(text);
  assertMalformed('\ufeff{}');
  assertMalformed('{"a":NaN}');
  assertMalformed('{"a":"\n"}');
  assertMalformed(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]));
  // An overlong "/" and a lone surrogate as bytes.
  assertMalformed(
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  );
  assertMalformed(
    Buffer.concat([Buffer.from('{"a":"'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from('"}')]),
  );
});

test('the depth is bounded, before anything is parsed', () => {
  assert.ok(parse(`{"a":${'['.repeat(7)}${']'.repeat(7)}}`));
  assertMalformed(`{"a":${'['.repeat(8)}${']'.repeat(8)}}`);
  assertMalformed('['.repeat(100_000));
  assertMalformed(`${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`);
});

test('own reads no member of a prototype', () => {
  const object = parse('{"__proto__":{"sub":"usr_x"},"a":1}');
  assert.equal(own(object, 'sub'), undefined);
  assert.equal(own(object, 'toString'), undefined);
  assert.equal(own(object, 'a'), 1);
});
