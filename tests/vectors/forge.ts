/** Keys and compact tokens, good or bad, made without the library that the vectors are to judge. */
import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** A P-256 key pair with its published half. */
export interface Key {
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly jwk: object;
}

export function makeKey(kid: string, iss?: string): Key {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const issuer = iss === undefined ? {} : { iss };
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig', ...issuer };
  return { kid, privateKey, jwk };
}

export function base64url(data: object | string | Buffer): string {
  if (Buffer.isBuffer(data)) return data.toString('base64url');
  return Buffer.from(typeof data === 'string' ? data : JSON.stringify(data)).toString('base64url');
}

/** r and s, 32 bytes each. */
export function rawSign(key: Key, input: string): Buffer {
  return sign('sha256', Buffer.from(input), { key: key.privateKey, dsaEncoding: 'ieee-p1363' });
}

/** Signs anything at all. */
export function forge(key: Key, head: object | string, payload: object | string | Buffer): string {
  const input = `${base64url(head)}.${base64url(payload)}`;
  return `${input}.${base64url(rawSign(key, input))}`;
}
