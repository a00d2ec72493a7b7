import assert from 'node:assert/strict';
import { test } from 'node:test';
import { authorizationValues, bearerToken } from './authorization.ts';

test('a bearer token is read, whatever the case of the scheme', () => {
  for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
    assert.equal(bearerToken([`${scheme} a.b-c_d~e+f/g==`]), 'a.b-c_d~e+f/g==');
  }
});

test('nothing, and another scheme, is no token', () => {
  for (const values of [[], ['Basic YTpi'], ['Digest'], ['BearerX abc'], ['DPoP abc']]) {
    assert.throws(() => bearerToken(values), { code: 'no_token', statusCode: 401 });
  }
});

test('several headers are refused, even when they are equal', () => {
  assert.throws(() => bearerToken(['Bearer a', 'Bearer a']), {
    code: 'invalid_request',
    statusCode: 400,
  });
});

test('what is not exactly one bearer token is a bad token', () => {
  const spellings = [
    ...['', ' ', 'Bearer', 'Bearer ', 'Bearer  a', ' Bearer a', 'Bearer a ', 'Bearer a b'],
    ...['Bearer a,b', 'Bearer\ta', 'Bearer "a"', 'Bearer a=b', 'Bearer \u00e4', 'Bearer a\u0000'],
  ];
  for (const spelling of spellings) {
    assert.throws(() => bearerToken([spelling]), { code: 'invalid_token' }, spelling);
  }
});

test('raw headers give every value, by the name of the header alone', () => {
  const raw = ['X', 'authorization', 'AUTHORIZATION', 'a', 'authorization', 'b', 'Authorization2'];
  assert.deepEqual(authorizationValues(raw), ['a', 'b']);
});
