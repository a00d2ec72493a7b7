import { createHash, createPublicKey } from 'node:crypto';
import {
  type Clock,
  clientOfAssertion,
  importJwk,
  TokenError,
  thumbprint,
  type VerificationKey,
  verifyClientAssertion,
} from '@gatehouse/tokens';
import type { ClientKey } from './rules.ts';

const CLOCKS_DIFFER_SECONDS = 60;

/** @returns undefined for an assertion that is invalid in any way. */
export type VerifyAssertion = (
  shown: { readonly clientId: string; readonly assertion: string },
  keys: readonly ClientKey[],
) => { readonly proofId: string; readonly expiresAt: Date } | undefined;

/** Verifies assertions of clients, which must be for one of `audiences` (RFC 7523). */
export function createVerifyAssertion(options: {
  readonly audiences: readonly string[];
  readonly clock: Clock;
}): VerifyAssertion {
  return ({ clientId, assertion }, keys) => {
    try {
      const verified = verifyClientAssertion({
        ...options,
        clientId,
        assertion,
        keys: keys.map(verificationKeyOf),
      });
      // Remembered longer than it is valid: another replica's clock may be ahead when it deletes.
      const expiresAt = new Date((verified.expiresAtSeconds + CLOCKS_DIFFER_SECONDS) * 1000);
      return { proofId: proofIdOf(clientId, verified.jti), expiresAt };
    } catch (error) {
      if (error instanceof TokenError) return undefined;
      throw error;
    }
  };
}

/** Whose assertion it says to be. @returns undefined when it is none. */
export function claimedClient(assertion: string): string | undefined {
  try {
    return clientOfAssertion(assertion);
  } catch (error) {
    if (error instanceof TokenError) return undefined;
    throw error;
  }
}

/** Reads a public key that a client may sign with. @returns undefined for one that is not taken. */
export function readClientKey(publicKeySpki: Uint8Array): ClientKey | undefined {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKeySpki), format: 'der', type: 'spki' });
    const { kid, alg } = importJwk({ ...key.export({ format: 'jwk' }), kid: thumbprint(key) });
    return { kid, alg, publicKeySpki: key.export({ format: 'der', type: 'spki' }) };
  } catch {
    return undefined;
  }
}

// Two clients may choose the same id; and a key's proof may have it too.
function proofIdOf(clientId: string, jti: string): string {
  const digest = createHash('sha256').update(`${clientId}\n${jti}`).digest('base64url');
  return `assertion:${digest}`;
}

function verificationKeyOf({ kid, alg, publicKeySpki }: ClientKey): VerificationKey {
  return { kid, alg, key: createPublicKey({ key: publicKeySpki, format: 'der', type: 'spki' }) };
}
