import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rewrittenTarget } from './rewrite.ts';

const at = (path: string, query = '') => ({ path, query });

test('without a prefix the target is the client’s, byte for byte', () => {
  assert.equal(rewrittenTarget(undefined, at('/a%40b/', '?')), '/a%40b/?');
});

test('a prefix stands for whole segments', () => {
  const prefix = { from: '/api/v1', to: '/inner' };
  assert.equal(rewrittenTarget(prefix, at('/api/v1/x', '?y')), '/inner/x?y');
  assert.equal(rewrittenTarget(prefix, at('/api/v1')), '/inner');
  assert.equal(rewrittenTarget(prefix, at('/api/v1/')), '/inner/');
  assert.equal(rewrittenTarget(prefix, at('/api/v1x')), undefined);
  assert.equal(rewrittenTarget(prefix, at('/api')), undefined);
  assert.equal(rewrittenTarget(prefix, at('/%61pi/v1/x')), undefined);
});

test('nothing that canonicalisation closed comes back', () => {
  assert.equal(rewrittenTarget({ from: '/a', to: '/' }, at('/a/b')), '/b');
  assert.equal(rewrittenTarget({ from: '/a', to: '/' }, at('/a')), '/');
  assert.equal(rewrittenTarget({ from: '/', to: '/b/' }, at('/x')), '/b/x');
  assert.equal(rewrittenTarget({ from: '/a', to: '/b/..' }, at('/a/x')), undefined);
  assert.equal(rewrittenTarget({ from: '/a', to: '//evil' }, at('/a/x')), undefined);
  assert.equal(rewrittenTarget({ from: '/a', to: 'evil' }, at('/a/x')), undefined);
});
