import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenCache } from './cache.ts';

test('what was put in is found under the whole token only', () => {
  const cache = new TokenCache<number>(10);
  cache.set('a.b.c', 1);
  assert.equal(cache.get('a.b.c'), 1);
  assert.equal(cache.get('a.b.'), undefined);
  assert.equal(cache.get('A.b.c'), undefined);
});

test('two tokens with one tail are never taken for each other', () => {
  const cache = new TokenCache<number>(10);
  const tail = 'x'.repeat(100);
  cache.set(`a.b.${tail}`, 1);
  assert.equal(cache.get(`a.c.${tail}`), undefined);
  cache.delete(`a.c.${tail}`);
  assert.equal(cache.get(`a.b.${tail}`), 1);
  cache.set(`a.c.${tail}`, 2);
  assert.equal(cache.get(`a.c.${tail}`), 2);
  assert.equal(cache.get(`a.b.${tail}`), undefined);
  for (let index = 0; index < 5; index++) cache.set(`other ${index}`, 0);
  assert.equal(cache.get(`a.b.${tail}`), undefined);
  assert.equal(cache.get(`a.c.${tail}`), 2);
});

test('it never holds more than it may', () => {
  const cache = new TokenCache<number>(100);
  for (let index = 0; index < 10_000; index++) {
    cache.set(`token ${index}`, index);
    assert.ok(cache.size <= 100);
  }
  assert.equal(cache.get('token 9999'), 9999);
  assert.equal(cache.get('token 0'), undefined);
});

test('what is in use stays while others come and go', () => {
  const cache = new TokenCache<number>(10);
  cache.set('used', 1);
  for (let index = 0; index < 1_000; index++) {
    cache.set(`passing ${index}`, index);
    assert.equal(cache.get('used'), 1);
    assert.ok(cache.size <= 10);
  }
});

test('a token is in one generation at most, and can be deleted from either', () => {
  const cache = new TokenCache<number>(4);
  for (const token of ['a', 'b', 'c']) cache.set(token, 1);
  cache.set('a', 2);
  assert.equal(cache.size, 3);
  assert.equal(cache.get('a'), 2);
  for (const token of ['a', 'b', 'c']) cache.delete(token);
  assert.equal(cache.size, 0);
});

test('setting the same token again needs no more room', () => {
  const cache = new TokenCache<number>(4);
  for (const token of ['a', 'b']) cache.set(token, 1);
  for (let round = 0; round < 10; round++) cache.set('b', round);
  assert.equal(cache.size, 2);
  assert.equal(cache.get('a'), 1);
});

test('a size of nothing keeps nothing', () => {
  for (const size of [0, 1]) {
    const cache = new TokenCache<number>(size);
    cache.set('a', 1);
    assert.equal(cache.get('a'), undefined);
    assert.equal(cache.size, 0);
  }
});

test('a size that is no whole number is a mistake', () => {
  for (const size of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => new TokenCache(size), RangeError);
});
