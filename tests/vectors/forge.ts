/** Keys and compact tokens, good or bad, made without the library that the vectors are to judge. */
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A key pair with its published half. */
export interface Key {
  readonly kid: string;
  readonly alg: 'RS256' | 'ES256';
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly jwk: object;
}

/** One token, and what is to be made of it. */
export interface Vector {
  readonly name: string;
  /** The published attack that a bad one is an instance of, by its name in tests/conformance. */
  readonly attack?: string;
  readonly token: string;
  /** The claims of a good one; absent for a bad one. */
  readonly claims?: object;
  /** Why a bad one is refused, as Gatehouse's own verifier says it; absent for a good one. */
  readonly error?: string;
}

/** Bad tokens by error and name. A name may begin with its attack: `crit — a known extension`. */
export type BadTokens = Readonly<Record<string, Readonly<Record<string, string>>>>;

export function makeKey(alg: Key['alg'], kid: string, iss?: string): Key {
  const { publicKey, privateKey } =
    alg === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = iss === undefined ? {} : { iss };
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig', ...issuer };
  return { kid, alg, privateKey, publicKey, jwk };
}

export function base64url(data: object | string | Buffer): string {
  if (Buffer.isBuffer(data)) return data.toString('base64url');
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64url');
}

/** As a JWS carries it: for ES256 r and s, 32 bytes each. */
export function rawSign(key: Key, input: string): Buffer {
  const dsaEncoding = 'ieee-p1363';
  return sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding });
}

/** Signs anything at all. */
export function forge(key: Key, head: object | string, payload: object | string | Buffer): string {
  const input = `${base64url(head)}.${base64url(payload)}`;
  return `${input}.${base64url(rawSign(key, input))}`;
}

/** A token with an HMAC in place of its signature. */
export function forgeHmac(secret: string | Buffer, head: object, payload: object): string {
  const input = `${base64url(head)}.${base64url(payload)}`;
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`;
}

/** The same token with another signature. */
export function resigned(
  token: string,
  make: (signature: Buffer, input: string) => Buffer | string,
): string {
  const at = token.lastIndexOf('.');
  const made = make(Buffer.from(token.slice(at + 1), 'base64url'), token.slice(0, at));
  return `${token.slice(0, at)}.${typeof made === 'string' ? made : base64url(made)}`;
}

/** The vectors of bad tokens. What stands before the first ` — ` of a name is its attack. */
export function badVectors(bad: BadTokens): readonly Vector[] {
  return Object.entries(bad).flatMap(([error, tokens]) =>
    Object.entries(tokens).map(([name, token]) => {
      const [attack = '', rest] = name.split(' — ');
      const vector = { name: `${error}: ${name}`, token, error };
      return rest === undefined ? vector : { ...vector, attack };
    }),
  );
}
