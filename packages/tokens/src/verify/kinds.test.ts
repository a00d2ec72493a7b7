/** No kind of token passes for another: each is presented to every verifier, in every disguise. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TokenError } from '../errors.ts';
import { createStaticKeySet } from '../keys/static.ts';
import {
  AUTH,
  accessClaims,
  EDGE,
  ecKey,
  forge,
  GATEWAY,
  headerOf,
  ISSUER,
  NOW,
  passportClaims,
  rsaKey,
  serviceClaims,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from '../test-support/forge.ts';
import { createAccessTokenVerifier } from './access-token.ts';
import { verifyKeyProof } from './key-proof.ts';
import { createPassportVerifier } from './passport.ts';
import { createServiceTokenVerifier } from './service-token.ts';

// Every verifier knows every key, as if somebody had mixed the key sets up.
const shared = {
  keys: createStaticKeySet([verificationKey(rsaKey), verificationKey(ecKey, GATEWAY)]),
  clock: testClock(),
};
const publicKeySpki = ecKey.publicKey.export({ format: 'der', type: 'spki' });

function openAccess(token: string): Promise<unknown> {
  return createAccessTokenVerifier({ ...shared, issuer: ISSUER, audience: EDGE }).verify(token);
}

const verifiers: Record<string, (token: string) => Promise<unknown>> = {
  access: openAccess,
  service: (token) =>
    createServiceTokenVerifier({ ...shared, issuer: ISSUER, audience: TRUST_DOMAIN }).verify(token),
  passport: (token) =>
    createPassportVerifier({ ...shared, trustDomain: TRUST_DOMAIN }).verify(token),
  proof: async (proof) =>
    verifyKeyProof({ proof, publicKeySpki, issuer: GATEWAY, audience: AUTH, clock: shared.clock }),
};

const kinds = {
  access: { key: rsaKey, typ: 'at+jwt', claims: accessClaims },
  service: { key: rsaKey, typ: 'at+jwt', claims: serviceClaims },
  passport: { key: ecKey, typ: 'txntoken+jwt', claims: passportClaims },
  proof: {
    key: ecKey,
    typ: 'gatehouse-key-proof+jwt',
    claims: { iss: GATEWAY, aud: AUTH, jti: 'p', iat: NOW, exp: NOW + 60 },
  },
};

for (const [kind, { key, typ, claims }] of Object.entries(kinds)) {
  for (const [verifier, open] of Object.entries(verifiers)) {
    const token = forge(key, headerOf(key, typ), claims);
    if (verifier === kind) {
      test(`${kind} is accepted by its own verifier`, () => assert.doesNotReject(open(token)));
      continue;
    }
    test(`${kind} is rejected by the verifier of ${verifier}`, () =>
      assert.rejects(open(token), TokenError));
    test(`${kind} with the header of ${verifier} is refused there`, async () => {
      const disguise = kinds[verifier as keyof typeof kinds];
      const header = { ...headerOf(key, disguise.typ), alg: disguise.key.alg };
      await assert.rejects(open(forge(key, header, claims)), TokenError);
      await assert.rejects(open(forge(key, { ...header, alg: key.alg }, claims)), TokenError);
    });
    // A proof says nothing of its own: whoever signs its type for its audience has made one.
    if (verifier === 'proof') continue;
    test(`${kind} with key, header, issuer and audience of ${verifier} is refused there`, async () => {
      const disguise = kinds[verifier as keyof typeof kinds];
      const { iss, aud } = disguise.claims;
      const header = headerOf(disguise.key, disguise.typ);
      await assert.rejects(open(forge(disguise.key, header, { ...claims, iss, aud })), TokenError);
    });
  }
}

test('typ in another spelling is refused, though RFC 7515 would allow it', async () => {
  for (const typ of ['AT+JWT', 'application/at+jwt', 'JWT', 'at+jwt ', 'at+JWT']) {
    const token = forge(rsaKey, { ...headerOf(rsaKey, typ) }, accessClaims);
    await assert.rejects(openAccess(token), { code: 'type' });
  }
});
