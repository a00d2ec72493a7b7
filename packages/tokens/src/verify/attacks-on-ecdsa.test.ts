/** Published attacks on ES256 signatures, through the passport verifier. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStaticKeySet } from '../keys/static.ts';
import {
  ecKey,
  forge,
  GATEWAY,
  headerOf,
  passportClaims,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createPassportVerifier } from './passport.ts';

const passports = createPassportVerifier({
  trustDomain: TRUST_DOMAIN,
  keys: createStaticKeySet([verificationKey(ecKey, GATEWAY)]),
  clock: testClock(),
});

test('ES256 with r or s zero or beyond the order (CVE-2022-21449), or in DER', async () => {
  const token = forge(ecKey, headerOf(ecKey, 'txntoken+jwt'), passportClaims);
  await assert.doesNotReject(passports.verify(token));
  const at = token.lastIndexOf('.');
  const good = Buffer.from(token.slice(at + 1), 'base64url');
  const order = Buffer.from(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551',
    'hex',
  );
  const zero = Buffer.alloc(32);
  const [r, s] = [good.subarray(0, 32), good.subarray(32)];
  const der = Buffer.concat([Buffer.from([0x30, 0x44, 2, 32]), r, Buffer.from([2, 32]), s]);
  for (const parts of [
    [zero, zero],
    [zero, s],
    [r, zero],
    [order, s],
    [r, order],
    [order, order],
    [Buffer.alloc(64, 0xff)],
    [r],
    [good, zero],
    [der],
  ]) {
    const forged = `${token.slice(0, at)}.${Buffer.concat(parts).toString('base64url')}`;
    await assert.rejects(passports.verify(forged), { code: 'signature' });
  }
});

test('ES256 is malleable: the other form verifies, but is another token to the cache', async () => {
  const token = forge(ecKey, headerOf(ecKey, 'txntoken+jwt'), { ...passportClaims, jti: 'pst_2' });
  await passports.verify(token);
  const at = token.lastIndexOf('.');
  const good = Buffer.from(token.slice(at + 1), 'base64url');
  const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
  const s = order - BigInt(`0x${good.toString('hex', 32)}`);
  const twin = Buffer.concat([
    good.subarray(0, 32),
    Buffer.from(s.toString(16).padStart(64, '0'), 'hex'),
  ]);
  const other = `${token.slice(0, at)}.${twin.toString('base64url')}`;
  assert.equal(passports.verifyCached(other), undefined);
  assert.equal((await passports.verify(other)).jti, 'pst_2');
});
