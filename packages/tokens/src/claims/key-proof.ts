import type { TokenForm } from '../jws/compact.ts';
import type { JsonObject } from '../jws/strict-json.ts';
import { badClaim, lifetime, text } from './read.ts';

/** Header of a proof that one holds a private key. */
export const KEY_PROOF: TokenForm = { typ: 'gatehouse-key-proof+jwt', alg: 'ES256' };

/** Longest life of a proof. */
export const MAX_KEY_PROOF_SECONDS = 60;

export interface KeyProofClaims {
  readonly iss: string;
  readonly aud: string;
  readonly jti: string;
  readonly iat: number;
  readonly exp: number;
}

/** @throws TokenError `claim`. Issuer, audience and time are not checked. */
export function readKeyProofClaims(payload: JsonObject): KeyProofClaims {
  const times = lifetime(payload);
  if (times.exp - times.iat > MAX_KEY_PROOF_SECONDS) throw badClaim('exp');
  return Object.freeze({
    iss: text(payload, 'iss'),
    aud: text(payload, 'aud'),
    jti: text(payload, 'jti'),
    ...times,
  });
}
