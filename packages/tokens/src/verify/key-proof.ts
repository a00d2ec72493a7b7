import { createPublicKey, type KeyObject } from 'node:crypto';
import { KEY_PROOF, readKeyProofClaims } from '../claims/key-proof.ts';
import { type Clock, systemClock } from '../clock.ts';
import { TokenError } from '../errors.ts';
import { parseCompact } from '../jws/compact.ts';
import { HeaderReader, readStrictHeader } from '../jws/header.ts';
import { parseJsonObject } from '../jws/strict-json.ts';
import { thumbprint } from '../keys/thumbprint.ts';
import { assertForm, checkPayload, isSignedBy, issuedBy, strictKind } from './check.ts';
import { DEFAULT_LEEWAY_SECONDS } from './verifier.ts';

const MAX_SPKI_BYTES = 200;

/** What {@link verifyKeyProof} compares with. */
export interface KeyProofOptions {
  readonly proof: string;
  /** SubjectPublicKeyInfo (DER, RFC 5280, section 4.1) of the P-256 key to be registered. */
  readonly publicKeySpki: Uint8Array;
  /** SPIFFE ID of the caller, from its certificate. */
  readonly issuer: string;
  /** SPIFFE ID of the auth service. */
  readonly audience: string;
  readonly clock?: Clock;
}

/** A key whose holder has proved to hold it. */
export interface ProvenKey {
  /** RFC 7638 thumbprint, computed here. */
  readonly kid: string;
  readonly jti: string;
  readonly expiresAtSeconds: number;
  readonly publicKey: KeyObject;
}

/**
 * Verifies that the caller holds the private half of the key that it registers. The proof's `kid`
 * must be the key's thumbprint, its life at most 60 s.
 *
 * Not checked: whether this proof was used before. Remember `jti` until `expiresAtSeconds`.
 *
 * @throws TokenError; `claim` also when the key is no P-256 key in its one canonical encoding.
 *
 * @example
 * ```ts
 * import { type KeyProofOptions, verifyKeyProof } from '@gatehouse/tokens';
 *
 * const kidOf = (proof: KeyProofOptions) => verifyKeyProof(proof).kid;
 * ```
 */
export function verifyKeyProof(options: KeyProofOptions): ProvenKey {
  const publicKey = importSpki(options.publicKeySpki);
  const key = { kid: thumbprint(publicKey), alg: KEY_PROOF.alg, key: publicKey };
  const token = parseCompact(options.proof, new HeaderReader(readStrictHeader));
  if (token.header.kid !== key.kid) throw new TokenError('key_unknown');
  const kind = {
    ...strictKind(KEY_PROOF, options.audience),
    issuerFor: issuedBy(options.issuer),
    read: readKeyProofClaims,
  };
  const limits = {
    nowMs: (options.clock ?? systemClock).nowMs(),
    leewaySeconds: DEFAULT_LEEWAY_SECONDS,
    expiryLeewaySeconds: 0,
  };
  assertForm(token.header, kind);
  if (!isSignedBy(token, key)) throw new TokenError('signature');
  const { jti, exp } = checkPayload(kind, { payload: parseJsonObject(token.payload), key }, limits);
  return Object.freeze({ kid: key.kid, jti, expiresAtSeconds: exp, publicKey });
}

function importSpki(spki: Uint8Array): KeyObject {
  const key = parseSpki(Buffer.from(spki));
  // One key, one encoding: no trailing bytes, no compressed point.
  const isCanonical = key?.export({ format: 'der', type: 'spki' }).equals(spki) === true;
  if (key?.asymmetricKeyDetails?.namedCurve !== 'prime256v1' || !isCanonical) {
    throw new TokenError('claim', 'public key');
  }
  return key;
}

function parseSpki(der: Buffer): KeyObject | undefined {
  if (der.length > MAX_SPKI_BYTES) return undefined;
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    return undefined;
  }
}
