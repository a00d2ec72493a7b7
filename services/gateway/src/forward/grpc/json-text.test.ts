import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseJsonObject, toPointer } from './json-text.ts';

function parse(text: string | Uint8Array): unknown {
  return parseJsonObject(typeof text === 'string' ? Buffer.from(text) : text);
}

test('an object is read as JSON reads it', () => {
  assert.deepEqual(parse(' {"a": [1, "b,}", {"c": null}], "d\\"e": true} '), {
    a: [1, 'b,}', { c: null }],
    'd"e': true,
  });
});

test('whole numbers beyond 2^53 stay exact; fractions and small ones stay numbers', () => {
  assert.deepEqual(
    parse('{"a":9007199254740993,"b":-9223372036854775808,"c":[12345678901234567]}'),
    {
      a: 9007199254740993n,
      b: -9223372036854775808n,
      c: [12345678901234567n],
    },
  );
  assert.deepEqual(parse('{"a":0.1234567890123456,"b":1e20,"c":9007199254740991}'), {
    a: 0.1234567890123456,
    b: 1e20,
    c: 9007199254740991,
  });
});

const refused: Record<string, readonly [text: string | Uint8Array, pointer?: string]> = {
  'not JSON': ['{"a":'],
  'no text at all': [''],
  'text after the object': ['{} {}'],
  'a comment': ['{/**/}'],
  'a trailing comma': ['{"a":1,}'],
  'an array': ['[]', ''],
  'a bare value': ['"a"', ''],
  null: ['null', ''],
  'a byte order mark': [Buffer.from('\ufeff{}'), ''],
  'a repeated member': ['{"a":1,"b":2,"a":3}', '/a'],
  'a member repeated under an escape': ['{"a":1,"\\u0061":3}', '/a'],
  'a repeated member further in': ['{"x":[{"a":1},{"a/b":1,"a/b" :2}]}', '/x/1/a~1b'],
  'a repeated __proto__': ['{"__proto__":1,"__proto__":2}', '/__proto__'],
  'nesting without end': [`{"a":${'['.repeat(101)}${']'.repeat(101)}}`, ''],
};

for (const [name, [text, pointer]] of Object.entries(refused)) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => parse(text),
      (error: { code: string; fields: { pointer: string }[] }) => {
        assert.equal(error.code, 'gateway.json');
        assert.equal(error.fields[0]?.pointer, pointer);
        return true;
      },
    );
  });
}

test('the same member in two objects is no repeat', () => {
  assert.deepEqual(parse('{"a":{"x":1},"b":{"x":1}}'), { a: { x: 1 }, b: { x: 1 } });
});

test('very deep nesting is refused, not a crash', () => {
  assert.throws(() => parse(`{"a":${'['.repeat(500_000)}`), { code: 'gateway.json' });
  assert.throws(() => parse(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`), {
    code: 'gateway.json',
  });
});

test('a very long string is read, escapes and all', () => {
  const long = '\\n'.repeat(500_000);
  const { a } = parse(`{"a":"${long}"}`) as { a?: string };
  // Not compared as objects: the difference of so many lines takes tens of gigabytes to tell.
  assert.ok(a === '\n'.repeat(500_000), `${a?.length} characters`);
});

test('invalid UTF-8 is refused', () => {
  assert.throws(() => parse(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), {
    code: 'gateway.invalid_utf8',
  });
});

test('a message says nothing of the text', () => {
  assert.throws(
    () => parse('{"password":"hunter2"'),
    (error: Error) => !error.message.includes('hunter2'),
  );
});

test('a pointer escapes as RFC 6901 says', () => {
  assert.equal(toPointer(['a/b', 0, 'm~n']), '/a~1b/0/m~0n');
});
