import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keySourceSuite } from '@gatehouse/testing';
import { createStaticKeySet, generateSigningKey, toPublicJwk } from '@gatehouse/tokens';
import { trustedKeys } from './trusted-keys.ts';

keySourceSuite('trusted', (_t, { source }) => trustedKeys(source, { isKeyRevoked: () => false }));

test('a key that the revocation feed names is not found any more, and the others are', () => {
  const [kept, revoked] = [generateSigningKey('ES256'), generateSigningKey('ES256')];
  const keys = createStaticKeySet({ keys: [toPublicJwk(kept), toPublicJwk(revoked)] });
  const trusted = trustedKeys(keys, { isKeyRevoked: (kid) => kid === revoked.kid });
  assert.equal(trusted.find(revoked.kid), undefined);
  assert.equal(trusted.find(kept.kid), keys.find(kept.kid));
});
