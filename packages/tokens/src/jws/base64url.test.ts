import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { decodeBase64url, encodeBase64url, Workspace } from './base64url.ts';

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

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

function isCanonical(text: string): boolean {
  const bits = (text.length * 6) % 8;
  const last = ALPHABET.indexOf(text.at(-1) ?? 'A');
  return /^[\w-]*$/.test(text) && bits !== 6 && last % 2 ** bits === 0;
}

test('the hot path takes the canonical spelling only: every ASCII character, in every place', () => {
  const area = new Workspace(512);
  const base = 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldY'.repeat(8);
  // Long ones too: beyond some length, other machine code decodes.
  for (const length of [1, 2, 3, 4, 5, 6, 7, 8, 63, 64, 65, 66, 67, 68, 131, 255, 256]) {
    const text = base.slice(0, length);
    for (const at of new Set([0, 1, length >> 1, length - 2, length - 1].filter((n) => n >= 0))) {
      for (let code = 0; code < 0x80; code++) {
        const character = String.fromCharCode(code);
        const spelling = text.slice(0, at) + character + text.slice(at + 1);
        if (character === '+' || character === '/' || at >= length) continue;
        if (isCanonical(spelling))
          assert.deepEqual(area.decode(spelling), Buffer.from(spelling, 'base64url'));
        else assert.throws(() => area.decode(spelling), TokenError, spelling);
      }
    }
  }
});
