import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mintAccessToken } from '../mint/access-token.ts';
import { accessClaims, encode, forge, headerOf, rsaKey } from '../test-support/forge.ts';
import { decodeUnverified } from './decode.ts';

test('header and claims are read, and are frozen', () => {
  const decoded = decodeUnverified(mintAccessToken(rsaKey, accessClaims));
  assert.deepEqual(decoded.header, headerOf(rsaKey, 'at+jwt'));
  assert.deepEqual(decoded.claims, { ...accessClaims });
  assert.ok(Object.isFrozen(decoded.claims) && Object.isFrozen(decoded.header));
});

test('text beyond ASCII is read as UTF-8', () => {
  const { claims } = decodeUnverified(forge(rsaKey, { alg: 'RS256' }, { name: 'Zoë 🐢' }));
  assert.equal(claims.name, 'Zoë 🐢');
});

test('what is no token is refused, and the error quotes nothing of it', () => {
  const object = encode({ secret: 1 });
  const tokens = [
    ...['', 'a', 'a.b', '..', `${object}.${object}.`, `${object}.${object}.AA.AA`],
    ...[`${object}.${object}=.AA`, `${object}.${object}\n.AA`, `${object}.+/+/.AA`],
    `${object}.${encode('[1]')}.AA`,
    `${object}.${encode('null')}.AA`,
    `${object}.${encode('{"secret":')}.AA`,
    `${object}.${encode('{"secret":1,"secret":2}')}.AA`,
    `${object}.${Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')}.AA`,
    `${object}.${encode('\ufeff{}')}.AA`,
    // Unused bits that are not zero: another spelling of the same signature.
    `${object}.${object}.AB`,
    `${object}.${'A'.repeat(8192)}.AA`,
  ];
  for (const token of tokens) {
    assert.throws(
      () => decodeUnverified(token),
      (error: Error) =>
        'code' in error && error.code === 'malformed' && !/secret/.test(error.message),
      token.slice(0, 80),
    );
  }
});

test('a member named __proto__ is a member', () => {
  const { claims } = decodeUnverified(forge(rsaKey, { alg: 'RS256' }, '{"__proto__":{"exp":9}}'));
  assert.equal(claims.exp, undefined);
  assert.ok(Object.hasOwn(claims, '__proto__'));
});
