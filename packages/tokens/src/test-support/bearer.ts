/** What the tests of all adapters share: verifiers over keys of our own, and tokens for them. */
import type { AccessTokenClaims } from '../claims/types.ts';
import { createStaticKeySet } from '../keys/static.ts';
import type { KeySource } from '../keys/types.ts';
import { mintAccessToken } from '../mint/access-token.ts';
import { mintServiceToken } from '../mint/service-token.ts';
import { createAccessTokenVerifier } from '../verify/access-token.ts';
import { createServiceTokenVerifier } from '../verify/service-token.ts';
import {
  accessClaims,
  EDGE,
  ISSUER,
  NOW,
  rsaKey,
  serviceClaims,
  TRUST_DOMAIN,
  testClock,
  verificationKey,
} from './forge.ts';

const clock = testClock();
const keys = createStaticKeySet([verificationKey(rsaKey)]);

/** Nobody has keys yet. */
const noKeys: KeySource = { ready: false, find: () => undefined, refresh: async () => {} };

export const verifier = createAccessTokenVerifier({ issuer: ISSUER, audience: EDGE, keys, clock });
export const serviceVerifier = createServiceTokenVerifier({
  issuer: ISSUER,
  audience: TRUST_DOMAIN,
  keys,
  clock,
});
export const keylessVerifier = createAccessTokenVerifier({
  issuer: ISSUER,
  audience: EDGE,
  keys: noKeys,
  clock,
});
/** Has a fault that is neither the token's nor the keys'. */
export const brokenVerifier = {
  verify: () => Promise.reject<AccessTokenClaims>(new Error('a fault with secret-detail in it')),
  verifyCached: () => undefined,
};

export const good = mintAccessToken(rsaKey, accessClaims);
export const expired = mintAccessToken(rsaKey, { ...accessClaims, iat: NOW - 900, exp: NOW });
export const moderator = mintAccessToken(rsaKey, { ...accessClaims, roles: ['moderator'] });
export const serviceToken = mintServiceToken(rsaKey, serviceClaims);

/** What a client may send as `Authorization`, and the answer that every adapter over HTTP gives. */
export const HTTP_CASES: readonly {
  readonly name: string;
  readonly authorization: readonly string[];
  readonly status: number;
  readonly challenge?: string;
}[] = [
  { name: 'a good token', authorization: [`Bearer ${good}`], status: 200 },
  { name: 'the scheme in lower case', authorization: [`bearer ${good}`], status: 200 },
  { name: 'no token', authorization: [], status: 401, challenge: 'Bearer' },
  { name: 'another scheme', authorization: ['Basic YTpi'], status: 401, challenge: 'Bearer' },
  {
    name: 'an expired token',
    authorization: [`Bearer ${expired}`],
    status: 401,
    challenge: 'Bearer error="invalid_token"',
  },
  {
    name: 'a token of another kind',
    authorization: [`Bearer ${serviceToken}`],
    status: 401,
    challenge: 'Bearer error="invalid_token"',
  },
  {
    name: 'a scheme without a token',
    authorization: ['Bearer'],
    status: 401,
    challenge: 'Bearer error="invalid_token"',
  },
  {
    name: 'two Authorization headers, the first good',
    authorization: [`Bearer ${good}`, 'Bearer x'],
    status: 400,
    challenge: 'Bearer error="invalid_request"',
  },
  {
    name: 'two tokens in one header',
    authorization: [`Bearer ${good}, Bearer ${good}`],
    status: 401,
    challenge: 'Bearer error="invalid_token"',
  },
];
