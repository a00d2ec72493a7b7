/** A single public key as text, for tokens that do not name their key. */
import { createPublicKey, type KeyObject } from 'node:crypto';
import { NO_KID } from '../jws/header.ts';
import { importJwk } from './import-jwk.ts';
import type { KeySource, VerificationKey } from './types.ts';

const PEM = /^-----BEGIN PUBLIC KEY-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END PUBLIC KEY-----$/;
const MAX_TEXT = 4096;

/**
 * Reads an RSA public key: its SubjectPublicKeyInfo (RFC 5280, section 4.1) as base64 on one line, or
 * as PEM. White space around it does not count.
 *
 * @returns a key for RS256 whose `kid` is empty, so that only a verifier for tokens without `kid`
 *   can find it.
 * @throws TypeError when it is no such text, or the key is refused (see `importJwk`).
 */
export function readPublicKey(text: string): VerificationKey {
  const key = parseSpki(text.length > MAX_TEXT ? '' : text.trim());
  const imported = importJwk({ ...key.export({ format: 'jwk' }), kid: 'none', alg: 'RS256' });
  return Object.freeze({ ...imported, kid: NO_KID });
}

/**
 * A single public key that never changes, for `createSingleKeyVerifier`.
 *
 * @param text - as {@link readPublicKey}.
 * @throws TypeError as there.
 *
 * @example
 * ```ts
 * import { createStaticPublicKey } from '@gatehouse/tokens';
 * import type { KeySource } from '@gatehouse/tokens';
 *
 * export const keysOf = (pem: string): KeySource => createStaticPublicKey(pem);
 * ```
 */
export function createStaticPublicKey(text: string): KeySource {
  const key = readPublicKey(text);
  return Object.freeze({
    ready: true,
    find: (kid: string) => (kid === NO_KID ? key : undefined),
    refresh: async () => {},
  });
}

function parseSpki(text: string): KeyObject {
  const base64 = PEM.exec(text)?.[1]?.replace(/[\r\n]/g, '') ?? text;
  const der = Buffer.from(base64, 'base64');
  if (der.length === 0 || der.toString('base64') !== base64) {
    throw new TypeError('the public key is not base64 or PEM');
  }
  const key = importDer(der);
  if (key.asymmetricKeyType !== 'rsa') throw new TypeError('the public key is not of type RSA');
  // One key, one encoding: no trailing bytes.
  if (!key.export({ format: 'der', type: 'spki' }).equals(der)) {
    throw new TypeError('the public key is not in its canonical encoding');
  }
  return key;
}

function importDer(der: Buffer): KeyObject {
  try {
    return createPublicKey({ key: der, format: 'der', type: 'spki' });
  } catch {
    throw new TypeError('the public key is no SubjectPublicKeyInfo');
  }
}
