import { createPublicKey, type KeyObject } from 'node:crypto';
import { decodeBase64url } from '../jws/base64url.ts';
import { type JsonObject, own } from '../jws/strict-json.ts';
import type { Algorithm, VerificationKey } from './types.ts';

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];
const TEXT = /^[\x21-\x7e]{1,256}$/;
const COORDINATE_BYTES = 32;
// Under 2048 bits is refused by RFC 7518, section 3.3; huge numbers make every verification slow.
const MIN_MODULUS_BITS = 2048;
const MAX_MODULUS_BITS = 8192;
const MIN_EXPONENT = 65_537;
const MAX_EXPONENT_BYTES = 4;

/**
 * Makes a verification key of a JWK (RFC 7517): RSA for RS256, P-256 for ES256. `alg` and `use` are
 * optional, since each type of key has one algorithm here; where present they must match.
 *
 * @throws TypeError saying why it is refused: a private member, another type, curve, algorithm or
 *   use, an RSA modulus outside 2048 to 8192 bits, an exponent that is even or under 65537, a point
 *   that is not on the curve, numbers that are not canonical base64url.
 *
 * @example
 * ```ts
 * import { generateSigningKey, importJwk, toPublicJwk } from '@gatehouse/tokens';
 *
 * const jwk = toPublicJwk(generateSigningKey('ES256'));
 * export const { kid, alg } = importJwk({ ...jwk });
 * ```
 */
export function importJwk(jwk: JsonObject): VerificationKey {
  const privateMember = PRIVATE_MEMBERS.find((name) => Object.hasOwn(jwk, name));
  if (privateMember !== undefined) throw new TypeError('it has a private member');
  const kid = own(jwk, 'kid');
  if (typeof kid !== 'string' || !TEXT.test(kid)) throw new TypeError('its kid is missing or bad');
  const alg = algorithmOf(jwk);
  assertUse(jwk);
  const issuer = issuerOf(jwk);
  const key = alg === 'RS256' ? importRsa(jwk) : importP256(jwk);
  return Object.freeze({ kid, alg, key, ...(issuer === undefined ? {} : { issuer }) });
}

/**
 * Checks a key that did not come from a JWK.
 *
 * @throws TypeError as {@link importJwk}.
 */
export function assertVerificationKey(key: VerificationKey): void {
  if (key.key.type !== 'public') throw new TypeError('it is not a public key');
  const jwk = key.key.export({ format: 'jwk' }) as JsonObject;
  const { kid, alg } = key;
  importJwk({ ...jwk, kid, alg, ...(key.issuer === undefined ? {} : { iss: key.issuer }) });
}

function algorithmOf(jwk: JsonObject): Algorithm {
  const kty = own(jwk, 'kty');
  const isP256 = kty === 'EC' && own(jwk, 'crv') === 'P-256';
  if (kty !== 'RSA' && !isP256) throw new TypeError('it is neither an RSA nor a P-256 key');
  const only: Algorithm = kty === 'RSA' ? 'RS256' : 'ES256';
  const alg = own(jwk, 'alg');
  if (alg !== undefined && alg !== only) throw new TypeError(`its alg is not ${only}`);
  return only;
}

function assertUse(jwk: JsonObject): void {
  const use = own(jwk, 'use');
  if (use !== undefined && use !== 'sig') throw new TypeError('its use is not sig');
  const operations = own(jwk, 'key_ops');
  if (operations === undefined) return;
  if (!Array.isArray(operations) || operations.length !== 1 || operations[0] !== 'verify') {
    throw new TypeError('its key_ops are not verify alone');
  }
}

function issuerOf(jwk: JsonObject): string | undefined {
  const issuer = own(jwk, 'iss');
  if (issuer === undefined) return undefined;
  if (typeof issuer !== 'string' || !TEXT.test(issuer)) throw new TypeError('its iss is bad');
  return issuer;
}

function importRsa(jwk: JsonObject): KeyObject {
  const n = numberMember(jwk, 'n');
  const e = numberMember(jwk, 'e');
  const bits = n.length * 8 - Math.clz32(n[0] ?? 0) + 24;
  if (n[0] === 0 || bits < MIN_MODULUS_BITS || bits > MAX_MODULUS_BITS) {
    throw new TypeError(`its modulus is not of ${MIN_MODULUS_BITS} to ${MAX_MODULUS_BITS} bits`);
  }
  const exponent = e.length > MAX_EXPONENT_BYTES ? 0 : e.readUIntBE(0, e.length);
  if (e[0] === 0 || exponent < MIN_EXPONENT || exponent % 2 === 0) {
    throw new TypeError('its exponent is too small, too large or even');
  }
  return importMembers({ kty: 'RSA', n: n.toString('base64url'), e: e.toString('base64url') });
}

function importP256(jwk: JsonObject): KeyObject {
  const x = numberMember(jwk, 'x');
  const y = numberMember(jwk, 'y');
  if (x.length !== COORDINATE_BYTES || y.length !== COORDINATE_BYTES) {
    throw new TypeError('its coordinates are not 32 bytes each');
  }
  const point = { x: x.toString('base64url'), y: y.toString('base64url') };
  return importMembers({ kty: 'EC', crv: 'P-256', ...point });
}

function importMembers(jwk: Record<string, string>): KeyObject {
  try {
    return createPublicKey({ key: jwk, format: 'jwk' });
  } catch {
    throw new TypeError('its numbers are no key');
  }
}

function numberMember(jwk: JsonObject, name: string): Buffer {
  const value = own(jwk, name);
  if (typeof value !== 'string' || value === '') throw new TypeError(`its ${name} is missing`);
  try {
    return decodeBase64url(value);
  } catch {
    throw new TypeError(`its ${name} is not canonical base64url`);
  }
}
