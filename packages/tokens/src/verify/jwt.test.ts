import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { createStaticKeySet } from '../keys/static.ts';
import {
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
import { createJwtVerifier, type JwtVerifierOptions } from './jwt.ts';

const CLAIMS = {
  iss: ISSUER,
  aud: ['account', EDGE],
  sub: 'f:1:alice',
  typ: 'Bearer',
  realm_access: { roles: ['user'] },
  iat: NOW - 10,
  exp: NOW + 290,
};
const HEADER = headerOf(rsaKey, 'JWT');

function verifierWith(options: Partial<JwtVerifierOptions> = {}) {
  const keys = createStaticKeySet([verificationKey(rsaKey), verificationKey(ecKey)]);
  return createJwtVerifier({
    issuer: ISSUER,
    audience: EDGE,
    keys,
    clock: testClock(),
    ...options,
  });
}

const verifier = verifierWith();
const refused = (token: string, code: string) =>
  assert.rejects(verifier.verify(token), { code }, token);

test("another issuer's token gives all its claims, frozen all the way down", async () => {
  const claims = await verifier.verify(forge(rsaKey, HEADER, CLAIMS));
  assert.deepEqual(claims, CLAIMS);
  assert.ok(Object.isFrozen(claims) && Object.isFrozen(claims.realm_access));
  assert.ok(Object.isFrozen(claims.aud));
  await assert.doesNotReject(
    verifier.verify(forge(ecKey, headerOf(ecKey, 'at+jwt'), { ...CLAIMS, aud: EDGE })),
  );
});

test('claims are mapped once for each token, and what they were made into is kept and ends', async () => {
  let nowMs = NOW * 1000;
  let mapped = 0;
  const mapping = createJwtVerifier({
    issuer: ISSUER,
    audience: EDGE,
    keys: createStaticKeySet([verificationKey(rsaKey)]),
    clock: { nowMs: () => nowMs },
    mapClaims: ({ sub, iat, exp }) => {
      mapped += 1;
      if (sub === 'nobody') throw new TokenError('claim', 'sub');
      return { sub, iat, exp: Math.min(exp, iat + 60), name: `shop:${sub}` };
    },
  });
  const token = forge(rsaKey, HEADER, CLAIMS);
  const claims = await mapping.verify(token);
  assert.equal(claims.name, 'shop:f:1:alice');
  assert.equal(await mapping.verify(token), claims);
  assert.equal(mapping.verifyCached(token), claims);
  assert.equal(mapped, 1);
  nowMs += 50_000;
  assert.equal(mapping.verifyCached(token), undefined);
  await assert.rejects(mapping.verify(token), { code: 'expired' });
  const other = forge(rsaKey, HEADER, { ...CLAIMS, sub: 'nobody' });
  await assert.rejects(mapping.verify(other), { code: 'claim' });
});

test('the header may have thumbprints, and nothing else beside alg, kid and typ', async () => {
  const thumbprints = { x5t: 'abc', 'x5t#S256': 'def' };
  await assert.doesNotReject(verifier.verify(forge(rsaKey, { ...HEADER, ...thumbprints }, CLAIMS)));
  const more = [
    { crit: ['exp'] },
    { b64: false },
    { zip: 'DEF' },
    { jwk: {} },
    { jku: 'x' },
    { x5u: 'x' },
    { x5c: ['x'] },
    { cty: 'JWT' },
    { x5t: 1 },
  ];
  for (const change of [...more, { kid: undefined }, { kid: '' }, { typ: '' }, { typ: null }])
    await refused(forge(rsaKey, { ...HEADER, ...change }, CLAIMS), 'malformed');
});

test('typ is one of the list, exactly; none at all has to be asked for', async () => {
  const { typ: _, ...untyped } = HEADER;
  const bare = forge(rsaKey, untyped, CLAIMS);
  await refused(bare, 'type');
  await assert.doesNotReject(verifierWith({ typs: [''] }).verify(bare));
  for (const typ of ['jwt', 'application/jwt', 'txntoken+jwt', 'id_token'])
    await refused(forge(rsaKey, { ...HEADER, typ }, CLAIMS), 'type');
  await assert.rejects(verifierWith({ typs: [''] }).verify(forge(rsaKey, HEADER, CLAIMS)), {
    code: 'type',
  });
});

test('alg is one of the list and that of the key', async () => {
  for (const alg of ['none', 'HS256', 'RS384', 'PS256'])
    await refused(forge(rsaKey, { ...HEADER, alg }, CLAIMS), 'algorithm');
  await refused(forge(rsaKey, { ...HEADER, alg: 'ES256' }, CLAIMS), 'algorithm');
  await refused(forge(ecKey, { ...HEADER, kid: ecKey.kid }, CLAIMS), 'algorithm');
  const onlyEs = verifierWith({ algs: ['ES256'] });
  await assert.rejects(onlyEs.verify(forge(rsaKey, HEADER, CLAIMS)), { code: 'algorithm' });
});

test('the audience is the text or in the list of texts', async () => {
  await assert.doesNotReject(verifier.verify(forge(rsaKey, HEADER, { ...CLAIMS, aud: EDGE })));
  for (const aud of [
    undefined,
    'account',
    [],
    ['account'],
    [EDGE, 1],
    [[EDGE]],
    { 0: EDGE },
    null,
    Array(65).fill(EDGE),
  ])
    await refused(forge(rsaKey, HEADER, { ...CLAIMS, aud }), 'audience');
});

test('iss, sub, iat and exp are required, and of their form', async () => {
  await refused(forge(rsaKey, HEADER, { ...CLAIMS, iss: `${ISSUER}/` }), 'issuer');
  for (const change of [
    { sub: undefined },
    { sub: '' },
    { iat: undefined },
    { exp: undefined },
    { exp: '1' },
    { jti: 1 },
    { sid: {} },
    { sv: -1 },
  ])
    await refused(forge(rsaKey, HEADER, { ...CLAIMS, ...change }), 'claim');
  await refused(forge(rsaKey, HEADER, { ...CLAIMS, exp: NOW }), 'expired');
  await refused(forge(rsaKey, HEADER, { ...CLAIMS, cnf: { jkt: 'x' } }), 'confirmation');
});

test('claims can be required, and be asked to have one text', async () => {
  const strict = verifierWith({ requiredClaims: ['azp'], equalClaims: { typ: 'Bearer' } });
  await assert.doesNotReject(strict.verify(forge(rsaKey, HEADER, { ...CLAIMS, azp: 'web' })));
  for (const change of [
    {},
    { azp: null },
    { azp: 'web', typ: 'ID' },
    { azp: 'web', typ: ['Bearer'] },
  ])
    await assert.rejects(strict.verify(forge(rsaKey, HEADER, { ...CLAIMS, ...change })), {
      code: 'claim',
    });
});

test('__proto__ as a claim, at any depth, is refused where all claims are returned', async () => {
  const text = JSON.stringify(CLAIMS);
  for (const poisoned of [
    text.replace('{', '{"__proto__":{"admin":true},'),
    text.replace('{"roles"', '{"__proto__":1,"roles"'),
  ])
    await refused(forge(rsaKey, HEADER, poisoned), 'claim');
});

test('a verifier that could take nothing, or anything, is a mistake', () => {
  for (const options of [{ audience: '' }, { issuer: '' }, { typs: [] }, { algs: [] }])
    assert.throws(() => verifierWith(options), TypeError);
});
