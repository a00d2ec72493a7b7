import { type Clock, TokenError, verifyKeyProof } from '@gatehouse/tokens';
import { authErrors } from '../common/errors.ts';
import type { ProvenPassportKey, Registration } from './register.ts';

/** Verifies the proof of possession of a passport key, which must be made for `audience`. */
export function createProofVerifier(options: {
  /** SPIFFE ID of auth. */
  readonly audience: string;
  readonly clock: Clock;
}): (registration: Registration) => ProvenPassportKey {
  return ({ caller, publicKeySpki, proof }) => {
    try {
      const proven = verifyKeyProof({ ...options, issuer: caller, publicKeySpki, proof });
      const { kid, jti, expiresAtSeconds } = proven;
      return { kid, jti, proofExpiresAt: new Date(expiresAtSeconds * 1000) };
    } catch (cause) {
      if (!(cause instanceof TokenError)) throw cause;
      const detail = 'does not prove possession of the key';
      throw authErrors.KEY_PROOF_INVALID({ cause, fields: [{ pointer: '/proof', detail }] });
    }
  };
}
