import assert from 'node:assert/strict';
import { test } from 'node:test';
import { guardedMessage, type HttpMessage } from './http.ts';

const valuesOf = (message: HttpMessage) => guardedMessage(message).authorization();

test('what came over the socket counts, all of it', () => {
  const rawHeaders = ['Authorization', 'Bearer a', 'authorization', 'Bearer b'];
  assert.deepEqual(valuesOf({ rawHeaders, headers: { authorization: 'Bearer a' } }), [
    'Bearer a',
    'Bearer b',
  ]);
});

test('a message without raw headers is read by its headers', () => {
  const headers = { authorization: 'Bearer a' };
  assert.deepEqual(valuesOf({ rawHeaders: [], headers }), ['Bearer a']);
  assert.deepEqual(valuesOf({ rawHeaders: ['Host', 'x'], headers: {} }), []);
});
