import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordingsIn } from './words.ts';

test('a phrase is found with its line and what to write, also across a line of a comment', () => {
  const text = 'const a = 1;\n// The keys are not to\n// be had now.\nlog("auth was away");';
  assert.deepEqual(wordingsIn(text), [
    { line: 2, found: 'to be had', instead: 'available, unavailable' },
    { line: 4, found: 'was away', instead: 'unavailable, unreachable' },
  ]);
});

test('each phrase is found where it stands alone, and not within other words', () => {
  for (const [text, count] of [
    ['the value is no good', 1],
    ['this is not as it must be', 1],
    ['must be at least 1 characters', 1],
    ['Optional: it may be absent.', 1],
    ['with fresh news', 1],
    ['the newsletter, a foreign key, foreign keys, right away, indoors', 0],
    ['a foreign service at the door', 2],
  ] as const) {
    assert.equal(wordingsIn(text).length, count, text);
  }
});
