/**
 * Verifiers that teams pick, each told all that it can be told: keys, one algorithm, issuer, audience,
 * kind, time, and which claims must be there.
 */
import { createPublicKey, type JsonWebKey } from 'node:crypto';
import { mock } from 'node:test';
import {
  createAccessTokenVerifier,
  createPassportVerifier,
  createServiceTokenVerifier,
  createStaticKeySet,
} from '@gatehouse/tokens';
import { JwtVerifier } from 'aws-jwt-verify';
import { createVerifier } from 'fast-jwt';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { accessTokens, type Corpus, passports } from './corpus.ts';

/** A verifier, set up for tokens of one kind: throws for a bad one. */
export type Verify = (token: string) => Promise<unknown>;

/** A library that takes part. */
export interface Contestant {
  readonly name: string;
  readonly setUp: (corpus: Corpus) => Verify;
}

const REQUIRED_CLAIMS = ['iss', 'aud', 'sub', 'iat', 'exp', 'jti'];

export const contestants: readonly Contestant[] = [
  { name: 'Gatehouse', setUp: gatehouse },
  { name: 'jose', setUp: jose },
  { name: 'fast-jwt', setUp: fastJwt },
  { name: 'aws-jwt-verify', setUp: awsJwtVerify },
];

function gatehouse(corpus: Corpus): Verify {
  const { issuer, audience, nowMs } = corpus;
  const keys = createStaticKeySet(corpus.keySet);
  const options = { issuer, audience, keys, clock: { nowMs: () => nowMs } };
  if (corpus === passports) {
    const verifier = createPassportVerifier({ ...options, trustDomain: audience });
    return (token) => verifier.verify(token);
  }
  const create = corpus === accessTokens ? createAccessTokenVerifier : createServiceTokenVerifier;
  const verifier = create(options);
  return (token) => verifier.verify(token);
}

/** jose with a set of keys. */
export function jose({ alg, typ, issuer, audience, nowMs, keySet }: Corpus): Verify {
  const keys = createLocalJWKSet({ keys: [...keySet.keys] });
  const currentDate = new Date(nowMs);
  const requiredClaims = REQUIRED_CLAIMS;
  const options = { algorithms: [alg], typ, issuer, audience, currentDate, requiredClaims };
  return (token) => jwtVerify(token, keys, options);
}

function fastJwt({ alg, typ, issuer, audience, nowMs, keySet }: Corpus): Verify {
  const verify = createVerifier({
    key: async ({ header }: { header: { kid?: string } }) => {
      const jwk = keySet.keys.find(({ kid }) => kid === header.kid);
      if (jwk === undefined) throw new Error('no such key');
      const key = createPublicKey({ key: { ...jwk } as JsonWebKey, format: 'jwk' });
      return key.export({ format: 'pem', type: 'spki' }).toString();
    },
    algorithms: [alg],
    checkTyp: typ,
    allowedIss: issuer,
    allowedAud: audience,
    requiredClaims: REQUIRED_CLAIMS,
    clockTimestamp: nowMs,
  });
  return async (token) => verify(token);
}

function awsJwtVerify({ issuer, audience, nowMs, keySet }: Corpus): Verify {
  const jwksUri = 'https://auth.example/jwks.json';
  const verifier = JwtVerifier.create({ issuer, audience, jwksUri });
  verifier.cacheJwks({ keys: keySet.keys.map((key) => ({ ...key })) });
  return async (token) => {
    // It takes no clock: the time itself has to stand still for it.
    mock.timers.enable({ apis: ['Date'], now: nowMs });
    try {
      return verifier.verifySync(token);
    } finally {
      mock.timers.reset();
    }
  };
}
