import assert from 'node:assert/strict';
import { test } from 'node:test';
import { remembered } from './remembered.ts';

test('each text is worked out once, until there are too many', () => {
  const made: string[] = [];
  const lengthOf = remembered(2, (text) => {
    made.push(text);
    return text.length;
  });
  assert.deepEqual([lengthOf('a'), lengthOf('bc'), lengthOf('a'), lengthOf('')], [1, 2, 1, 0]);
  assert.deepEqual(made, ['a', 'bc', '']);
  assert.deepEqual([lengthOf(''), lengthOf('a')], [0, 1]);
  assert.deepEqual(made, ['a', 'bc', '', 'a']);
});

test('what is thrown is not kept', () => {
  let isBad = true;
  const checked = remembered(2, (text) => {
    if (isBad) throw new Error('bad');
    return text;
  });
  assert.throws(() => checked('a'));
  isBad = false;
  assert.equal(checked('a'), 'a');
});
