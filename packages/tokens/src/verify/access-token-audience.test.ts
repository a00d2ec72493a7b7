import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createStaticKeySet, generateSigningKey, toPublicJwk } from '../index.ts';
import { createAccessTokenVerifier } from './access-token.ts';

const keys = createStaticKeySet({ keys: [toPublicJwk(generateSigningKey('RS256'))] });

for (const audience of [undefined, null, '', 7, ['api']]) {
  test(`an audience of ${JSON.stringify(audience)} fails at construction`, () => {
    const options = { issuer: 'https://auth.example', audience: audience as string, keys };
    assert.throws(() => createAccessTokenVerifier(options), TypeError);
  });
}
