import { type Clock, TokenError, verifyKeyProof } from '@gatehouse/tokens';
import { authErrors } from '../common/errors.ts';

/** A key whose holder has proved to hold it. */
export interface ProvenPassportKey {
  readonly kid: string;
  /** Id of the proof. */
  readonly jti: string;
  readonly proofExpiresAt: Date;
}

export interface Registration {
  /** SPIFFE ID of the peer, from its certificate. */
  readonly caller: string;
  readonly publicKeySpki: Uint8Array;
  readonly proof: string;
}

/** @throws auth.key_proof_invalid */
export type VerifyProof = (registration: Registration) => ProvenPassportKey;

/** Verifies the proof of possession of a passport key, which must be made for `audience`. */
export function createProofVerifier(options: {
  /** SPIFFE ID of auth. */
  readonly audience: string;
  readonly clock: Clock;
}): VerifyProof {
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
