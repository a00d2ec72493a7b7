import assert from 'node:assert/strict';
import { test } from 'node:test';
import { METHODS } from './methods.ts';
import { isSafe } from './safe.ts';

test('safe is what is a GET at the edge', () => {
  for (const { http, desc } of METHODS) {
    if (http !== undefined) assert.equal(isSafe(desc), http.verb === 'GET', desc.toString());
  }
});

test('safe is what says so, and nothing that is silent', () => {
  const [post] = METHODS.filter(({ http }) => http?.verb === 'POST');
  assert.ok(post);
  assert.equal(isSafe({ ...post.desc, idempotency: 1 }), true);
  assert.equal(isSafe({ ...post.desc, idempotency: 2 }), false);
});
