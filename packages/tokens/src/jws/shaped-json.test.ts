import assert from 'node:assert/strict';
import { test } from 'node:test';
import { accessClaims, passportClaims } from '../test-support/forge.ts';
import { seededRandom } from '../test-support/random.ts';
import { ShapedJson } from './shaped-json.ts';
import { parseJsonObject } from './strict-json.ts';

/** A parser that has seen these. */
function taught(...objects: object[]): ShapedJson {
  const shaped = new ShapedJson();
  for (const object of objects) shaped.parse(Buffer.from(JSON.stringify(object)));
  return shaped;
}

/** What a parser makes of a text: its value, or that it refused it. */
function outcome(parse: (bytes: Buffer) => unknown, text: string): unknown {
  try {
    return { value: parse(Buffer.from(text, 'latin1')) };
  } catch (error) {
    return { refused: (error as { code?: string }).code };
  }
}

function assertSame(shaped: ShapedJson, text: string): void {
  const expected = outcome(parseJsonObject, text);
  assert.deepEqual(
    outcome((bytes) => shaped.parse(bytes), text),
    expected,
    text,
  );
}

test('an object of a shape seen before has the values that it has', () => {
  const shaped = taught(accessClaims, passportClaims);
  for (const object of [
    accessClaims,
    { ...accessClaims, roles: [], sv: 0, exp: 999_999_999_999_999 },
    { ...accessClaims, roles: ['a', 'b', 'c'], sub: '' },
    passportClaims,
    { ...passportClaims, rctx: { ...passportClaims.rctx, authn: 255 } },
  ])
    assertSame(shaped, JSON.stringify(object));
});

test('the kinds of value may change from one object to the next', () => {
  const values = [
    '""',
    '"a\\u0041"',
    '"\\""',
    '"é"',
    '0',
    '01',
    '-1',
    '1.5',
    '1e3',
    '9007199254740993',
  ];
  values.push(
    'true',
    'null',
    '[]',
    '[1]',
    '["a",]',
    '["a" ]',
    '[,"a"]',
    '{}',
    '{"b":1}',
    '"',
    '"a',
    '',
  );
  for (const learnt of [
    '{"a":"x","z":1}',
    '{"a":1,"z":1}',
    '{"a":{"b":1},"z":1}',
    '{"a":true,"z":false}',
    '{"a":["x"],"z":1}',
  ])
    for (const value of values) {
      const shaped = new ShapedJson();
      shaped.parse(Buffer.from(learnt));
      assertSame(shaped, `{"a":${value},"z":1}`);
      assertSame(shaped, `{"z":1,"a":${value}}`);
      assertSame(shaped, `{"a":${value}`);
      assertSame(shaped, `{"a":1,"z":${value}}x`);
    }
});

test('a member twice, one too many, one missing or another order is no shape seen before', () => {
  const shaped = taught({ a: 1, b: { c: 'x' } });
  for (const text of [
    '{"a":1,"a":2,"b":{"c":"x"}}',
    '{"a":1,"b":{"c":"x"},"b":{"c":"y"}}',
    '{"a":1,"b":{"c":"x","c":"y"}}',
    '{"a":1,"b":{"c":"x"},"d":1}',
    '{"a":1}',
    '{"b":{"c":"x"},"a":1}',
    '{"\\u0061":1,"b":{"c":"x"}}',
    ' {"a":1,"b":{"c":"x"}}',
    '{"a":1,"b":{"c":"x"}} ',
    '{"a":1,"b":{"c":"x"}}}',
  ])
    assertSame(shaped, text);
});

test('more shapes than it remembers, and shapes that never match, change no value', () => {
  const shaped = new ShapedJson();
  for (let round = 0; round < 3; round++) {
    for (let shape = 0; shape < 8; shape++) {
      assertSame(shaped, `{"a${shape}":"x","b":${shape}}`);
      assertSame(shaped, `{"a${shape}":"x","b":-${shape}.5}`);
      assertSame(shaped, `{"a${shape}":{},"b":{"c":[{"d":${shape}}]}}`);
    }
  }
});

test('a member called __proto__ stays a member, and no shape is made of it', () => {
  const shaped = new ShapedJson();
  for (let round = 0; round < 3; round++) {
    const parsed = shaped.parse(Buffer.from('{"__proto__":{"admin":1},"a":{"__proto__":1}}'));
    assert.ok(Object.hasOwn(parsed, '__proto__'));
    assert.equal(Reflect.get(Object.getPrototypeOf(parsed), 'admin'), undefined);
  }
});

test('twenty thousand seeded changes of payloads: as strict as the parser without shapes', () => {
  const random = seededRandom(20_261_120);
  const texts = [accessClaims, passportClaims].map((claims) => JSON.stringify(claims));
  const shaped = taught(accessClaims, passportClaims);
  const alphabet = '{}[]":,\\0189.-eE+ truefalsn_a\u00e9\n\0';
  for (let round = 0; round < 20_000; round++) {
    let text = random.pick(texts);
    for (let changes = random.below(3) + 1; changes > 0; changes--) {
      const at = random.below(text.length);
      const removed = random.below(4);
      const added =
        random.below(3) === 0 ? text.slice(at, at + random.below(40)) : random.pick([...alphabet]);
      text = text.slice(0, at) + added + text.slice(at + removed);
    }
    assertSame(shaped, text);
  }
});
