import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { decodeBase64url, encodeBase64url } from './base64url.ts';

test('canonical base64url decodes to its bytes', () => {
  assert.deepEqual(decodeBase64url('-_8'), Buffer.from([0xfb, 0xff]));
  assert.equal(encodeBase64url(new Uint8Array([0xfb, 0xff])), '-_8');
  assert.equal(encodeBase64url('é'), 'w6k');
});

test('every other spelling of the same bytes is refused', () => {
  const spellings = ['-_8=', '+/8', '-_9', '-_8 ', ' -_8', '-_\n8', '-_8\0', '-_8é', '-', '-_8.'];
  for (const spelling of spellings) {
    assert.throws(
      () => decodeBase64url(spelling),
      (error) => error instanceof TokenError && error.code === 'malformed',
      JSON.stringify(spelling),
    );
  }
});
