import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { generateSigningKey } from '../keys/generate.ts';
import { createStaticKeySet } from '../keys/static.ts';
import type { SigningKey } from '../keys/types.ts';
import {
  accessClaims,
  EDGE,
  forge,
  headerOf,
  rsaKey,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from './access-token.ts';
import { createMultiIssuerVerifier } from './issuers.ts';

const A = 'https://a.example';
const B = 'https://b.example';
// Two issuers may name their keys alike.
const keyA: SigningKey = { ...rsaKey, kid: 'same' };
const keyB: SigningKey = { ...generateSigningKey('RS256'), kid: 'same' };

const one = (issuer: string, key: SigningKey) =>
  createAccessTokenVerifier({
    issuer,
    audience: EDGE,
    keys: createStaticKeySet([verificationKey(key)]),
    clock: testClock(),
  });
const verifier = createMultiIssuerVerifier({ [A]: one(A, keyA), [B]: one(B, keyB) });

function token(key: SigningKey, iss: unknown, more: object = {}): string {
  return forge(key, headerOf(key, 'at+jwt'), { ...accessClaims, iss, ...more });
}

test('tokens of each issuer are good, though their keys have the same kid', async () => {
  for (const [key, iss] of [
    [keyA, A],
    [keyB, B],
  ] as const) {
    const good = token(key, iss);
    const claims = await verifier.verify(good);
    assert.equal(claims.iss, iss);
    assert.equal(verifier.verifyCached(good), claims);
  }
});

test("a token that names one issuer and is signed with the other's key is refused", async () => {
  await assert.rejects(verifier.verify(token(keyB, A)), { code: 'signature' });
  await assert.rejects(verifier.verify(token(keyA, B)), { code: 'signature' });
});

test('an issuer that nobody named, or a name of the prototype, is refused', async () => {
  for (const iss of [
    'https://c.example',
    `${A}/`,
    '__proto__',
    'constructor',
    'toString',
    '',
    undefined,
    null,
    [A],
    { a: A },
  ])
    await assert.rejects(verifier.verify(token(keyA, iss)), { code: 'issuer' }, String(iss));
});

test('an issuer named twice is refused before anybody is chosen', async () => {
  const text = JSON.stringify({ ...accessClaims, iss: B }).replace('{', `{"iss":"${A}",`);
  for (const key of [keyA, keyB])
    await assert.rejects(verifier.verify(forge(key, headerOf(key, 'at+jwt'), text)), {
      code: 'malformed',
    });
});

test('a verifier put under a name that is not its own takes nothing', async () => {
  const crossed = createMultiIssuerVerifier({ [A]: one(B, keyB) });
  await assert.rejects(crossed.verify(token(keyB, A)), { code: 'issuer' });
  await assert.rejects(crossed.verify(token(keyB, B)), { code: 'issuer' });
});

test('what is no token is malformed, and no issuers are a mistake', async () => {
  for (const bad of ['', 'a.b.c', 'x'.repeat(1_000_000), undefined as unknown as string]) {
    assert.equal(verifier.verifyCached(bad), undefined);
    await assert.rejects(verifier.verify(bad), TokenError);
  }
  assert.throws(() => createMultiIssuerVerifier({}), TypeError);
});
