import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeysUnavailableError, TokenError } from '../errors.ts';
import { generateSigningKey } from '../keys/generate.ts';
import { createStaticPublicKey } from '../keys/public-key.ts';
import { createRemotePublicKey } from '../keys/remote.ts';
import { createStaticKeySet } from '../keys/static.ts';
import type { KeySource, SigningKey } from '../keys/types.ts';
import {
  accessClaims,
  EDGE,
  ecKey,
  forge,
  headerOf,
  ISSUER,
  NOW,
  rsaKey,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from './access-token.ts';
import { createJwtVerifier } from './jwt.ts';
import { createSingleKeyVerifier } from './single-key.ts';

const HEADER = { alg: 'RS256' };
const CLAIMS = { iss: ISSUER, sub: 'core', iat: NOW - 10, exp: NOW + 290 };
const GOOD = forge(rsaKey, HEADER, CLAIMS);

function spki(key: SigningKey): string {
  return key.publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
}

function verifierOf(keys: KeySource, clock = testClock()) {
  return createSingleKeyVerifier({ issuer: ISSUER, keys, clock });
}

const verifier = verifierOf(createStaticPublicKey(spki(rsaKey)));

test('a token without typ, kid and aud is good, and cached', async () => {
  assert.deepEqual(await verifier.verify(GOOD), CLAIMS);
  assert.deepEqual(verifier.verifyCached(GOOD), CLAIMS);
});

test('a token with typ, kid, aud or anything else in its header is of another profile', async () => {
  for (const more of [
    { typ: 'JWT' },
    { typ: '' },
    { kid: 'a' },
    { kid: '' },
    { crit: ['exp'] },
    { b64: false },
    { jwk: {} },
  ])
    await assert.rejects(verifier.verify(forge(rsaKey, { ...HEADER, ...more }, CLAIMS)), {
      code: 'malformed',
    });
  for (const aud of [EDGE, [], ''])
    await assert.rejects(verifier.verify(forge(rsaKey, HEADER, { ...CLAIMS, aud })), {
      code: 'audience',
    });
  await assert.rejects(verifier.verify(forge(rsaKey, headerOf(rsaKey, 'at+jwt'), accessClaims)), {
    code: 'malformed',
  });
});

test('no other verifier takes such a token, nor finds such a key', async () => {
  const shared = { issuer: ISSUER, audience: EDGE, clock: testClock() };
  for (const keys of [
    createStaticPublicKey(spki(rsaKey)),
    createStaticKeySet([verificationKey(rsaKey)]),
  ]) {
    const others = [
      createAccessTokenVerifier({ ...shared, keys }),
      createJwtVerifier({ ...shared, keys, typs: [''] }),
    ];
    for (const other of others) {
      await assert.rejects(other.verify(GOOD), TokenError);
      await assert.rejects(
        other.verify(forge(rsaKey, { alg: 'RS256', kid: '', typ: 'at+jwt' }, accessClaims)),
        { code: 'malformed' },
      );
    }
  }
  await assert.rejects(verifierOf(createStaticKeySet([verificationKey(rsaKey)])).verify(GOOD), {
    code: 'key_unknown',
  });
});

test('RS256 alone, whatever the header says', async () => {
  for (const alg of ['none', 'HS256', 'RS384', 'RS512', 'PS256', 'ES256', 'rs256'])
    await assert.rejects(verifier.verify(forge(rsaKey, { alg }, CLAIMS)), { code: 'algorithm' });
  await assert.rejects(verifier.verify(forge(ecKey, HEADER, CLAIMS)), { code: 'signature' });
});

test('issuer, subject and times are checked as of any token', async () => {
  const cases: [object, string][] = [
    [{ iss: `${ISSUER}/` }, 'issuer'],
    [{ iss: undefined }, 'issuer'],
    [{ sub: undefined }, 'claim'],
    [{ exp: undefined }, 'claim'],
    [{ iat: undefined }, 'claim'],
    [{ exp: NOW }, 'expired'],
    [{ iat: NOW + 6 }, 'not_yet_valid'],
    [{ nbf: NOW + 6 }, 'not_yet_valid'],
    [{ cnf: {} }, 'confirmation'],
  ];
  for (const [change, code] of cases)
    await assert.rejects(verifier.verify(forge(rsaKey, HEADER, { ...CLAIMS, ...change })), {
      code,
    });
});

test('a key that was replaced is fetched once for a storm, and forged tokens fetch once per cool-down', async (t) => {
  const clock = testClock();
  const next = generateSigningKey('RS256');
  let text = spki(rsaKey);
  let fetches = 0;
  const keys = createRemotePublicKey({
    url: 'https://auth.example/public-key',
    clock,
    fetchDocument: async () => {
      fetches++;
      return { status: 200, contentType: 'text/plain', body: Buffer.from(text) };
    },
  });
  t.after(() => keys.close());
  const remote = verifierOf(keys, clock);
  await assert.doesNotReject(remote.verify(GOOD));
  assert.equal(fetches, 1);
  text = spki(next);
  clock.advanceMs(5_000);
  const tokens = Array.from({ length: 50 }, (_, n) =>
    forge(next, HEADER, { ...CLAIMS, exp: NOW + 100 + n }),
  );
  await Promise.all(tokens.map((token) => assert.doesNotReject(remote.verify(token))));
  assert.equal(fetches, 2);
  // The old key is gone, from the cache too.
  assert.equal(remote.verifyCached(GOOD), undefined);
  for (let round = 0; round < 50; round++)
    await assert.rejects(remote.verify(GOOD), { code: 'signature' });
  assert.equal(fetches, 2);
});

test('before the first key it is unavailable; with the key and the server away, a bad token is bad', async (t) => {
  const clock = testClock();
  let isUp = false;
  const keys = createRemotePublicKey({
    url: 'https://auth.example/public-key',
    clock,
    fetchDocument: async () => {
      if (!isUp) throw new Error('down');
      return { status: 200, contentType: 'text/plain', body: Buffer.from(spki(rsaKey)) };
    },
  });
  t.after(() => keys.close());
  const remote = verifierOf(keys, clock);
  await assert.rejects(remote.verify(GOOD), KeysUnavailableError);
  isUp = true;
  clock.advanceMs(5_000);
  await assert.doesNotReject(remote.verify(GOOD));
  isUp = false;
  clock.advanceMs(5_000);
  await assert.rejects(remote.verify(forge(generateSigningKey('RS256'), HEADER, CLAIMS)), {
    code: 'signature',
  });
  await assert.doesNotReject(remote.verify(GOOD));
});
