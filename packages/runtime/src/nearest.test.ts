import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

test('the known word that differs by a slip or two, the first of equals', () => {
  const known = ['upstreams', 'routes', 'limits'];
  assert.equal(nearest('upstream', known), 'upstreams');
  assert.equal(nearest('Ruotes', known), 'routes');
  assert.equal(nearest('rest', ['up', 'reset', 'version']), 'reset');
  assert.equal(nearest('c', ['ab', 'cd']), 'cd');
  assert.equal(nearest('ax', ['ay', 'az']), 'ay');
});

test('nothing where none is near, or the word is none that a person writes', () => {
  assert.equal(nearest('colour', ['routes']), undefined);
  assert.equal(nearest('deploy', ['up', 'reset', 'version']), undefined);
  assert.equal(nearest('x', ['id', 'ad']), undefined);
  assert.equal(nearest('a'.repeat(10_000), ['a'.repeat(10_001)]), undefined);
});
