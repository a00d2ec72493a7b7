/** What a test needs to make good tokens and bad ones. Not part of the library. */
import { constants, sign } from 'node:crypto';
import type { AccessTokenClaims, PassportClaims, ServiceTokenClaims } from '../claims/types.ts';
import type { Clock } from '../clock.ts';
import { generateSigningKey } from '../keys/generate.ts';
import type { SigningKey, VerificationKey } from '../keys/types.ts';

export const NOW_MS = 1_800_000_000_000;
export const NOW = NOW_MS / 1000;
export const ISSUER = 'https://auth.example';
export const EDGE = 'https://edge.example';
export const TRUST_DOMAIN = 'example.internal';
export const GATEWAY = `spiffe://${TRUST_DOMAIN}/gateway`;
export const AUTH = `spiffe://${TRUST_DOMAIN}/auth`;

export const rsaKey: SigningKey = generateSigningKey('RS256');
export const ecKey: SigningKey = generateSigningKey('ES256');

/** A clock that stands still until it is moved. */
export interface TestClock extends Clock {
  advanceMs(ms: number): void;
}

export function testClock(startMs = NOW_MS): TestClock {
  let nowMs = startMs;
  return {
    nowMs: () => nowMs,
    advanceMs: (ms) => {
      nowMs += ms;
    },
  };
}

export function verificationKey(key: SigningKey, issuer?: string): VerificationKey {
  const { kid, alg, publicKey } = key;
  return { kid, alg, key: publicKey, ...(issuer === undefined ? {} : { issuer }) };
}

export const accessClaims: AccessTokenClaims = {
  iss: ISSUER,
  aud: EDGE,
  sub: 'usr_01h455vb4pex5vsknk084sn02q',
  client_id: 'web',
  scope: 'board:read board:write',
  roles: ['member'],
  sid: 'ses_1',
  sv: 3,
  jti: 'tok_1',
  iat: NOW - 10,
  exp: NOW + 890,
};

export const serviceClaims: ServiceTokenClaims = {
  iss: ISSUER,
  aud: TRUST_DOMAIN,
  sub: 'core',
  client_id: 'core',
  scope: 'extension:read',
  jti: 'tok_2',
  iat: NOW - 10,
  exp: NOW + 290,
};

export const passportClaims: PassportClaims = {
  iss: GATEWAY,
  aud: TRUST_DOMAIN,
  txn: 'txn_1',
  jti: 'pst_1',
  sub: 'usr_01h455vb4pex5vsknk084sn02q',
  sid: 'ses_1',
  sv: 3,
  scope: 'board:write',
  roles: ['member'],
  rctx: { addr: '203.0.113.7', authn: 1, iss: ISSUER },
  tctx: { method: 'gatehouse.board.v1.BoardService/CreatePost' },
  req_wl: GATEWAY,
  iat: NOW - 1,
  exp: NOW + 59,
};

/** What {@link forge} takes as header or payload: an object, or the very JSON text. */
type Part = object | string;

/** Signs anything at all, without any of the checks of the library. */
export function forge(key: SigningKey, header: Part, payload: Part): string {
  const input = `${encode(header)}.${encode(payload)}`;
  return `${input}.${rawSignature(key, input)}`;
}

/** The header that a good token of this key has. */
export function headerOf(key: SigningKey, typ: string): { alg: string; kid: string; typ: string } {
  return { alg: key.alg, kid: key.kid, typ };
}

export function encode(part: Part): string {
  const text = typeof part === 'string' ? part : JSON.stringify(part);
  return Buffer.from(text, 'utf8').toString('base64url');
}

function rawSignature(key: SigningKey, input: string): string {
  const options =
    key.alg === 'ES256'
      ? { key: key.privateKey, dsaEncoding: 'ieee-p1363' as const }
      : { key: key.privateKey, padding: constants.RSA_PKCS1_PADDING };
  return sign('sha256', Buffer.from(input), options).toString('base64url');
}
