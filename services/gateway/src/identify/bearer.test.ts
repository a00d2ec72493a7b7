import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bearerToken } from './bearer.ts';

test('the scheme may be in any case, the token is taken as it is', () => {
  assert.equal(bearerToken('Bearer a.b-c_d~e+f/g=='), 'a.b-c_d~e+f/g==');
  assert.equal(bearerToken('bEARER a'), 'a');
});

test('another scheme is 401 with the bare scheme', () => {
  for (const value of ['Basic dXNlcjpwYXNz', 'DPoP abc', 'Negotiate', 'Bearerx a']) {
    assert.throws(() => bearerToken(value), {
      message: 'This needs an access token.',
      headers: { 'www-authenticate': 'Bearer' },
    });
  }
});

test('what is no token is 401 invalid_token, never anonymous', () => {
  for (const value of [
    '',
    ' ',
    'Bearer',
    'Bearer ',
    'Bearer  a',
    'Bearer a b',
    'Bearer a,b',
    'Bearer =',
    'Bearer "a"',
    ',',
  ]) {
    assert.throws(() => bearerToken(value), {
      headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
    });
  }
});
