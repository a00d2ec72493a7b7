import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { test } from 'node:test';
import { decodeProtectedHeader, jwtVerify } from 'jose';
import { generateSigningKey } from '../keys/generate.ts';
import { verifyClientAssertion } from '../verify/client-assertion.ts';
import { signClientAssertion } from './client-assertion.ts';

const AUDIENCE = 'https://auth.example/oauth2/token';
const NOW_MS = Date.now();
const sign = (privateKey: Parameters<typeof signClientAssertion>[0]['privateKey']) =>
  signClientAssertion({ clientId: 'cli_1', audience: AUDIENCE, privateKey, nowMs: NOW_MS });

for (const alg of ['RS256', 'ES256'] as const) {
  test(`an assertion by ${alg} is good for our server, and for jose`, async () => {
    const key = generateSigningKey(alg);
    const assertion = sign(key.privateKey);
    const { jti } = verifyClientAssertion({
      assertion,
      clientId: 'cli_1',
      audiences: [AUDIENCE],
      keys: [{ kid: 'any', alg, key: key.publicKey }],
    });
    const { payload } = await jwtVerify(assertion, key.publicKey, {
      issuer: 'cli_1',
      subject: 'cli_1',
      audience: AUDIENCE,
    });
    assert.equal(payload.jti, jti);
    assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), 60);
    assert.deepEqual(decodeProtectedHeader(assertion), {
      alg,
      typ: 'client-authentication+jwt',
      kid: key.kid,
    });
    assert.notEqual(sign(key.privateKey), assertion, 'each has an id of its own');
  });
}

test('a key for neither algorithm signs nothing', () => {
  const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
  const other = generateKeyPairSync('ec', { namedCurve: 'secp384r1' });
  for (const { privateKey } of [weak, other]) assert.throws(() => sign(privateKey), TypeError);
});
