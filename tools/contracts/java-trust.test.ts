import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { rootCertificates } from 'node:tls';
import { trustStore } from './java-trust.ts';

test('a trust store counts its certificates, holds each, and ends with its digest', () => {
  const some = rootCertificates.slice(0, 3);
  const store = trustStore(some);
  assert.equal(store.readUInt32BE(0), 0xfeedfeed);
  assert.equal(store.readUInt32BE(8), 3);
  for (const pem of some) {
    const der = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
    assert.ok(store.includes(der));
  }
  const password = Buffer.from('\0c\0h\0a\0n\0g\0e\0i\0t');
  const hash = createHash('sha1').update(password).update('Mighty Aphrodite');
  const digest = hash.update(store.subarray(0, -20)).digest();
  assert.deepEqual(store.subarray(-20), digest);
});
