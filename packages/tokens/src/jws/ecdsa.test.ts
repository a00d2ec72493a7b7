import assert from 'node:assert/strict';
import { sign, verify } from 'node:crypto';
import { test } from 'node:test';
import { ecKey } from '../test-support/forge.ts';
import { derToRaw, rawToDer } from './ecdsa.ts';

const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551';
const ONE = '1'.padStart(64, '0');

function raw(r: string, s: string): Buffer {
  return Buffer.from(r + s, 'hex');
}

test('both conversions agree with OpenSSL and undo each other', () => {
  // Enough signatures that leading zeros and sign bytes occur.
  for (let round = 0; round < 300; round++) {
    const data = Buffer.from(`round ${round}`);
    const der = sign('sha256', data, ecKey.privateKey);
    const p1363 = derToRaw(der);
    assert.ok(verify('sha256', data, { key: ecKey.publicKey, dsaEncoding: 'ieee-p1363' }, p1363));
    assert.deepEqual(rawToDer(p1363), der);
  }
});

test('small and large numbers keep their value', () => {
  const largest = `${ORDER.slice(0, -1)}0`;
  for (const [r, s] of [
    [ONE, ONE],
    [largest, ONE],
    [`00${'80'.padEnd(62, '0')}`, `00${'7f'.padEnd(62, '0')}`],
    ['ff'.padStart(64, '0'), largest],
  ] as const) {
    const der = rawToDer(raw(r, s));
    assert.ok(der);
    assert.deepEqual(derToRaw(der), raw(r, s));
  }
});

test('zero and numbers from the order of the group on are refused (CVE-2022-21449)', () => {
  const zero = '0'.repeat(64);
  const above = 'f'.repeat(64);
  for (const bad of [zero, ORDER, above]) {
    assert.equal(rawToDer(raw(bad, ONE)), undefined);
    assert.equal(rawToDer(raw(ONE, bad)), undefined);
  }
});

test('a signature of another length is refused', () => {
  for (const length of [0, 1, 63, 65, 70, 96, 128])
    assert.equal(rawToDer(Buffer.alloc(length, 1)), undefined);
});

test('what is no DER signature is an error', () => {
  const der = sign('sha256', Buffer.from('x'), ecKey.privateKey);
  assert.throws(() => derToRaw(der.subarray(0, der.length - 1)));
  assert.throws(() => derToRaw(Buffer.concat([der, Buffer.from([0])])));
  assert.throws(() => derToRaw(Buffer.alloc(0)));
});
