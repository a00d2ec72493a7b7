import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ExactNumber, parseExact, stringifyExact } from './exact-json.ts';

test('every digit of a number survives there and back', () => {
  const texts = [
    '{"a":9223372036854775807,"b":[-9223372036854775808,1.50,0.1e-7],"c":"1","d":null}',
    '9007199254740993',
  ];
  for (const text of texts) assert.equal(stringifyExact(parseExact(text)), text);
  const { a } = parseExact('{"a":9223372036854775807}') as { a: ExactNumber };
  assert.ok(a instanceof ExactNumber);
  assert.equal(BigInt(a.text), 9_223_372_036_854_775_807n);
  assert.equal(stringifyExact({ a: 2n ** 63n - 1n }), '{"a":9223372036854775807}');
});

test('a member that is there twice is refused, however it is spelt and wherever it is', () => {
  for (const text of ['{"a":1,"a":2}', '{"a":1,"\\u0061":2}', '[{"x":{"b":1,"c":2,"b":1}}]']) {
    assert.throws(() => parseExact(text), /twice/);
  }
  assert.doesNotThrow(() => parseExact('[{"a":1},{"a":2},{"b":{"a":"a:a"}, "a":"{"}]'));
});

test('what is no JSON is refused', () => {
  for (const text of ['', '{', '{"a":01}', '{a:1}', 'NaN', '\u{FEFF}{}']) {
    assert.throws(() => parseExact(text), SyntaxError);
  }
});
