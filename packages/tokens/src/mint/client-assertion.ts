import { createPublicKey, type KeyObject, randomBytes } from 'node:crypto';
import { readClientAssertionClaims } from '../claims/client-assertion.ts';
import { thumbprint } from '../keys/thumbprint.ts';
import type { Algorithm } from '../keys/types.ts';
import { mint } from './mint.ts';

/** Long enough for a slow connection and a clock that is a little off. */
const LIFE_SECONDS = 60;

/** Who proves itself to whom. */
export interface ClientAssertion {
  readonly clientId: string;
  /** The authorization server: its issuer identifier, or its token endpoint. */
  readonly audience: string;
  /** RSA of 2048 bits or more signs RS256, P-256 signs ES256. */
  readonly privateKey: KeyObject;
  readonly nowMs: number;
}

/**
 * Signs an assertion by which a client proves who it is (RFC 7523, section 2.2, `private_key_jwt`): good for 60 s
 * and for one use, with a random `jti`. It is no token: every verifier of tokens refuses it.
 *
 * @throws TypeError when the key is for neither algorithm.
 *
 * @example
 * ```ts
 * import { generateSigningKey, signClientAssertion } from '@gatehouse/tokens';
 *
 * const { privateKey } = generateSigningKey('ES256');
 * export const assertion = signClientAssertion({
 *   clientId: 'cli_orders',
 *   audience: 'https://auth.example',
 *   privateKey,
 *   nowMs: Date.now(),
 * });
 * ```
 */
export function signClientAssertion(proof: ClientAssertion): string {
  const { clientId, audience, privateKey } = proof;
  const alg = algorithmOf(privateKey);
  const kid = thumbprint(createPublicKey(privateKey));
  const iat = Math.floor(proof.nowMs / 1000);
  // RFC 7523bis, section 4.
  const form = { typ: 'client-authentication+jwt', alg };
  const read = (payload: Parameters<typeof readClientAssertionClaims>[0]) => ({
    ...readClientAssertionClaims(payload),
    aud: audience,
  });
  const claims = {
    iss: clientId,
    sub: clientId,
    jti: randomBytes(16).toString('base64url'),
    iat,
    exp: iat + LIFE_SECONDS,
  };
  return mint({ kid, alg, privateKey }, { ...form, read }, claims);
}

function algorithmOf(key: KeyObject): Algorithm {
  const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
  if (key.asymmetricKeyType === 'rsa' && modulusLength >= 2048) return 'RS256';
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return 'ES256';
  throw new TypeError('a client signs with RSA of 2048 bits or more, or with P-256');
}
